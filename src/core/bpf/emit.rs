//! From conditions to instructions.
//!
//! Every test jumps forward, to the next place that depends on its result. A jump too far for eight bits goes through
//! an extra instruction.

use super::machine::Instruction;

/// A condition on a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Constant(bool),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// Loads a number into the accumulator, and compares it.
    Test {
        load: Vec<Load>,
        comparison: Comparison,
    },
}

/// An instruction that is no jump: its code and operand.
pub(super) type Load = (u16, u32);

/// A comparison of the accumulator: the jump's code, and a constant. Without a constant it compares with the index
/// register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    pub code: u16,
    pub with: u32,
}

/// The condition that the comparison `code` of the loaded number with `with` holds.
pub(super) fn compare(load: &[Load], code: u16, with: u32) -> Condition {
    Condition::Test { load: load.to_vec(), comparison: Comparison { code, with } }
}

/// The condition that the loaded number equals another.
pub(super) fn equal(load: &[Load], with: u32) -> Condition {
    compare(load, EQUAL, with)
}

impl Condition {
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Constant(true), only) | (only, Self::Constant(true)) => only,
            (Self::Constant(false), _) => Self::Constant(false),
            (one, other) => Self::And(Box::new(one), Box::new(other)),
        }
    }

    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Constant(false), only) | (only, Self::Constant(false)) => only,
            (Self::Constant(true), _) => Self::Constant(true),
            (one, other) => Self::Or(Box::new(one), Box::new(other)),
        }
    }

    pub fn negated(self) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(!value),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

/// A place in the program whose offset is not known yet.
type Label = usize;

enum Step {
    Plain(Load),
    Jump(Comparison, Label, Label),
    Here(Label),
}

#[derive(Default)]
struct Program {
    steps: Vec<Step>,
    /// The number of jumps to each label so far.
    jumps_to: Vec<usize>,
    /// The quantity in the accumulator, if known.
    loaded: Option<Vec<Load>>,
}

impl Program {
    fn label(&mut self) -> Label {
        self.jumps_to.push(0);
        self.jumps_to.len() - 1
    }

    fn jump(&mut self, comparison: Comparison, holds: Label, fails: Label) {
        self.jumps_to[holds] += 1;
        self.jumps_to[fails] += 1;
        self.steps.push(Step::Jump(comparison, holds, fails));
    }

    /// Continues at a label after all jumps to it. The accumulator is known only if there is a single jump.
    fn go_on_at(&mut self, label: Label) {
        let is_last = matches!(self.steps.last(), Some(Step::Jump(_, a, b)) if label == *a || label == *b);
        if !is_last || self.jumps_to[label] > 1 {
            self.loaded = None;
        }
        self.steps.push(Step::Here(label));
    }

    fn add(&mut self, condition: &Condition, holds: Label, fails: Label) {
        match condition {
            Condition::Constant(value) => {
                // Both branches lead to the same place, so any comparison will do.
                let to = if *value { holds } else { fails };
                self.jump(Comparison { code: EQUAL, with: 0 }, to, to);
            }
            Condition::Not(inner) => self.add(inner, fails, holds),
            Condition::And(first, second) => {
                let next = self.label();
                self.add(first, next, fails);
                self.go_on_at(next);
                self.add(second, holds, fails);
            }
            Condition::Or(first, second) => {
                let next = self.label();
                self.add(first, holds, next);
                self.go_on_at(next);
                self.add(second, holds, fails);
            }
            Condition::Test { load, comparison } => {
                if self.loaded.as_ref() != Some(load) {
                    self.steps.extend(load.iter().copied().map(Step::Plain));
                    self.loaded = Some(load.clone());
                }
                self.jump(*comparison, holds, fails);
            }
        }
    }
}

const JUMP: u16 = 0x05;
const RETURN: u16 = 0x06;
pub(super) const EQUAL: u16 = 0x15;

/// The program that keeps `snaplen` bytes of each frame for which the condition holds.
pub(super) fn emit(condition: &Condition, snaplen: u32) -> Vec<Instruction> {
    if let Condition::Constant(value) = condition {
        return vec![plain((RETURN, if *value { snaplen } else { 0 }))];
    }
    let mut program = Program::default();
    let (passes, fails) = (program.label(), program.label());
    program.add(condition, passes, fails);
    program.steps.extend([
        Step::Here(passes),
        Step::Plain((RETURN, snaplen)),
        Step::Here(fails),
        Step::Plain((RETURN, 0)),
    ]);
    let mut far = vec![false; program.steps.len()];
    loop {
        let places = places(&program, &far);
        let short = |to: Label, from: usize| places[to] - from - 1 <= usize::from(u8::MAX);
        let mut at = 0;
        let mut too_far = Vec::new();
        for (index, step) in program.steps.iter().enumerate() {
            if let Step::Jump(_, holds, fails) = step
                && !far[index]
                && !(short(*holds, at) && short(*fails, at))
            {
                too_far.push(index);
            }
            at += size(step, far[index]);
        }
        if too_far.is_empty() {
            return instructions(&program, &far, &places);
        }
        too_far.into_iter().for_each(|index| far[index] = true);
    }
}

/// The number of instructions of a step.
const fn size(step: &Step, is_far: bool) -> usize {
    match step {
        Step::Plain(_) => 1,
        Step::Jump(..) => {
            if is_far {
                3
            } else {
                1
            }
        }
        Step::Here(_) => 0,
    }
}

/// The place of each label.
fn places(program: &Program, far: &[bool]) -> Vec<usize> {
    let mut places = vec![0; program.jumps_to.len()];
    let mut at = 0;
    for (step, is_far) in program.steps.iter().zip(far) {
        if let Step::Here(label) = step {
            places[*label] = at;
        }
        at += size(step, *is_far);
    }
    places
}

fn instructions(program: &Program, far: &[bool], places: &[usize]) -> Vec<Instruction> {
    let mut made: Vec<Instruction> = Vec::new();
    for (step, is_far) in program.steps.iter().zip(far) {
        match step {
            Step::Plain(load) => made.push(plain(*load)),
            Step::Jump(Comparison { code, with }, holds, fails) if *is_far => {
                let at = made.len();
                made.push(Instruction { code: *code, jt: 0, jf: 1, k: *with });
                made.push(plain((JUMP, (places[*holds] - at - 2) as u32)));
                made.push(plain((JUMP, (places[*fails] - at - 3) as u32)));
            }
            Step::Jump(Comparison { code, with }, holds, fails) => {
                let skip = |to: Label| (places[to] - made.len() - 1) as u8;
                let (jt, jf) = (skip(*holds), skip(*fails));
                made.push(Instruction { code: *code, jt, jf, k: *with });
            }
            Step::Here(_) => {}
        }
    }
    made
}

const fn plain((code, k): Load) -> Instruction {
    Instruction { code, jt: 0, jf: 0, k }
}
