//! Puts mutants behind a switch: `weaver FOLDER < MUTANTS` changes the files of a folder in place.
//!
//! A line of MUTANTS is one mutant: its number, file, genre, line, column and replacement, with tabs between them, as
//! `cargo mutants --list --json` gives them. `crate::switch::is(number)` then turns it on. The numbers of those that no switch can
//! reach are printed: they lie in a constant or in a macro, or no arm of the match would take what theirs takes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use std::collections::HashMap;
use std::{env, fs, io};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Block, Expr, ExprBinary, ExprConst, ExprMatch, ExprStruct, ImplItemConst, ItemConst, ItemStatic,
    Pat, Stmt, Type, parse_quote,
};

/// The place that mutants change: their genre, line and column.
type Place = (String, usize, usize);
/// Mutants of one place: the number of each, and what it puts there.
type Mutants = Vec<(u32, TokenStream)>;

/// Weaves the mutants of one file.
#[derive(Default)]
struct Weaver {
    mutants: HashMap<Place, Mutants>,
    /// How many constants the place lies in. Their values are fixed before any switch is set.
    constants: usize,
}

impl Weaver {
    fn take(&mut self, genre: &str, span: Span) -> Mutants {
        let start = span.start();
        let place = (genre.to_owned(), start.line, start.column + 1);
        if self.constants > 0 { Mutants::new() } else { self.mutants.remove(&place).unwrap_or_default() }
    }

    fn within_constant(&mut self, visit: impl FnOnce(&mut Self)) {
        self.constants += 1;
        visit(self);
        self.constants -= 1;
    }

    fn of_binary(&mut self, binary: &ExprBinary) -> Mutants {
        let (left, right) = (&binary.left, &binary.right);
        // `let` stands only directly under `&&`.
        let found = if has_let(left) || has_let(right) {
            vec![]
        } else {
            self.take("BinaryOperator", binary.op.span())
        };
        found.into_iter().map(|(number, operator)| (number, quote!((#left) #operator (#right)))).collect()
    }

    fn of_struct(&mut self, made: &ExprStruct) -> Mutants {
        let mut less = Mutants::new();
        for left_out in 0..made.fields.len() {
            for (number, _) in self.take("StructField", made.fields[left_out].span()) {
                let kept = made.fields.iter().enumerate().filter(|(at, _)| *at != left_out);
                let mut fields: Punctuated<_, _> = kept.map(|(_, field)| field.clone()).collect();
                if !fields.is_empty() {
                    fields.push_punct(Default::default());
                }
                let made = ExprStruct { fields, ..made.clone() };
                less.push((number, quote!(#made)));
            }
        }
        less
    }
}

fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => {
            matches!(binary.op, BinOp::And(_)) && (has_let(&binary.left) || has_let(&binary.right))
        }
        _ => false,
    }
}

/// An expression that is the mutant that is on, or else the original.
fn choose(mutants: Mutants, original: impl ToTokens) -> Expr {
    let arms =
        mutants.into_iter().map(|(number, mutant)| quote!(if crate::switch::is(#number) { #mutant } else));
    parse_quote!((#(#arms)* { #original }))
}

impl VisitMut for Weaver {
    fn visit_item_const_mut(&mut self, item: &mut ItemConst) {
        self.within_constant(|it| visit_mut::visit_item_const_mut(it, item));
    }

    fn visit_item_static_mut(&mut self, item: &mut ItemStatic) {
        self.within_constant(|it| visit_mut::visit_item_static_mut(it, item));
    }

    fn visit_impl_item_const_mut(&mut self, item: &mut ImplItemConst) {
        self.within_constant(|it| visit_mut::visit_impl_item_const_mut(it, item));
    }

    fn visit_expr_const_mut(&mut self, block: &mut ExprConst) {
        self.within_constant(|it| visit_mut::visit_expr_const_mut(it, block));
    }

    /// The length of an array is a part of its type.
    fn visit_type_mut(&mut self, item: &mut Type) {
        self.within_constant(|it| visit_mut::visit_type_mut(it, item));
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        let found = block.stmts.first().map(|first| self.take("FnValue", first.span())).unwrap_or_default();
        visit_mut::visit_block_mut(self, block);
        let returns = found.into_iter().map(|(number, value)| -> Stmt {
            parse_quote!(if crate::switch::is(#number) { return #value; })
        });
        block.stmts.splice(0..0, returns);
    }

    fn visit_expr_match_mut(&mut self, matching: &mut ExprMatch) {
        let takes_all =
            matching.arms.iter().any(|arm| matches!(arm.pat, Pat::Wild(_)) && arm.guard.is_none());
        for arm in &mut matching.arms {
            let left_out = if takes_all { self.take("MatchArm", arm.pat.span()) } else { vec![] };
            let guards = arm.guard.as_ref().map(|(_, guard)| self.take("MatchArmGuard", guard.span()));
            self.visit_arm_mut(arm);
            let is_off = |(number, _)| parse_quote!(!crate::switch::is(#number));
            let mut conditions: Vec<Expr> = left_out.into_iter().map(is_off).collect();
            conditions.extend(arm.guard.take().map(|(_, guard)| choose(guards.unwrap_or_default(), guard)));
            if !conditions.is_empty() {
                arm.guard = Some((Default::default(), parse_quote!(#(#conditions)&&*)));
            }
        }
        self.visit_expr_mut(&mut matching.expr);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let original = expr.clone();
        visit_mut::visit_expr_mut(self, expr);
        // A mutant has no others within it.
        let mutants = match &original {
            Expr::Binary(binary) => self.of_binary(binary),
            Expr::Unary(unary) => {
                let operand = &unary.expr;
                let found = self.take("UnaryOperator", unary.op.span());
                found.into_iter().map(|(number, _)| (number, quote!(#operand))).collect()
            }
            Expr::Struct(made) => self.of_struct(made),
            _ => vec![],
        };
        if !mutants.is_empty() {
            *expr = choose(mutants, &*expr);
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::args().nth(1).ok_or("usage: weaver FOLDER < MUTANTS")?;
    let mut files: HashMap<String, Weaver> = HashMap::new();
    for line in io::stdin().lines() {
        let line = line?;
        let [number, file, genre, row, column, replacement] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("no mutant: {line}").into());
        };
        let place = (genre.to_owned(), row.parse()?, column.parse()?);
        let weaver = files.entry(file.to_owned()).or_default();
        weaver.mutants.entry(place).or_default().push((number.parse()?, replacement.parse()?));
    }
    for (file, mut weaver) in files {
        let path = format!("{folder}/{file}");
        let mut tree = syn::parse_file(&fs::read_to_string(&path)?)?;
        weaver.visit_file_mut(&mut tree);
        fs::write(path, tree.into_token_stream().to_string())?;
        weaver.mutants.into_values().flatten().for_each(|(number, _)| println!("{number}"));
    }
    Ok(())
}
