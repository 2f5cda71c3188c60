//! The switch of the mutants: at most one of them is on. A judge turns it, or the variable MUTANT.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// No mutant is on: those that are asked for are noted.
pub const NONE: u32 = 0;
const UNSET: u32 = u32::MAX;
static ON: AtomicU32 = AtomicU32::new(UNSET);
/// More mutants than there are: their numbers are below it. The driver in `__main__.py` knows it as `SWITCHES`.
const SWITCHES: usize = 1 << 14;
static REACHED: [AtomicBool; SWITCHES] = [const { AtomicBool::new(false) }; SWITCHES];

/// Turns one mutant on, and all others off.
pub fn set(number: u32) {
    ON.store(number, Relaxed);
}

/// Takes the numbers of the mutants that were asked for while none was on.
pub fn take_reached() -> Vec<u32> {
    (0..).zip(&REACHED).filter(|(_, reached)| reached.swap(false, Relaxed)).map(|(number, _)| number).collect()
}

/// Whether this mutant is on: never while the compiler computes a constant.
pub const fn is(number: u32) -> bool {
    std::intrinsics::const_eval_select((number,), never, now)
}

const fn never(_: u32) -> bool {
    false
}

#[inline]
fn now(number: u32) -> bool {
    let on = ON.load(Relaxed);
    on == number || (on == NONE || on == UNSET) && ask(number, on)
}

#[cold]
#[inline(never)]
fn ask(number: u32, on: u32) -> bool {
    REACHED[number as usize].store(true, Relaxed);
    if on == UNSET {
        set(std::env::var("MUTANT").map_or(NONE, |number| number.parse().expect("MUTANT is a number")));
        return is(number);
    }
    false
}

/// A number that has two mutants: it is one more, or one less.
macro_rules! numbers {
    ($($kind:ident)*) => {$(
        #[doc = "The number, or its mutant."]
        pub const fn $kind(more: u32, less: u32, number: $kind) -> $kind {
            if is(more) { number.saturating_add(1) } else if is(less) { number.saturating_sub(1) } else { number }
        }
    )*};
}
numbers!(i32 i64 u8 u16 u32 u64 usize);
