//! Judges mutants that are behind a switch: `judge FRAMES < NUMBERS` plays dialogues again with each of them.
//!
//! A line is printed for each: its number, and `falls` or `stands`. One that hangs is the last: whoever asked begins anew.

#[path = "../tests/dialogues.rs"]
mod dialogues;

use dialogues::inferred;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use std::{env, fs, io, panic, process, thread};
use wirestat_core::switch;

/// A dialogue takes milliseconds: a mutant that needs so many seconds for one hangs.
const HANGS: Duration = Duration::from_secs(10);
static PLAYED: AtomicU64 = AtomicU64::new(0);
static NUMBER: AtomicU32 = AtomicU32::new(switch::NONE);

fn watch() {
    let mut before = u64::MAX;
    loop {
        thread::sleep(HANGS);
        let played = PLAYED.load(Relaxed);
        if played == before {
            println!("{} falls", NUMBER.load(Relaxed));
            process::exit(0);
        }
        before = played;
    }
}

/// What is inferred from a dialogue with a mutant on; `None` if it panics.
fn play(dialogue: &str, number: u32) -> Option<String> {
    PLAYED.fetch_add(1, Relaxed);
    switch::set(number);
    let told = panic::catch_unwind(|| inferred(dialogue)).ok();
    switch::set(switch::NONE);
    told
}

fn main() {
    let path = env::args().nth(1).expect("usage: judge FRAMES < NUMBERS");
    let frames = fs::read_to_string(path).expect("FRAMES can be read");
    let mut dialogues: Vec<(&str, Option<String>, Vec<u32>)> = Vec::new();
    for dialogue in frames.split("\n\n") {
        dialogues.push((dialogue, play(dialogue, switch::NONE), switch::take_reached()));
    }
    // Variants of one script follow each other, and most mutants fall to any of them: the next script comes first.
    let order: Vec<usize> = (0..5).flat_map(|first| (first..dialogues.len()).step_by(5)).collect();
    panic::set_hook(Box::new(|_| {}));
    thread::spawn(watch);
    for line in io::stdin().lines() {
        let number = line.ok().and_then(|line| line.parse().ok()).expect("a line is a number");
        NUMBER.store(number, Relaxed);
        let falls = order.iter().map(|at| &dialogues[*at]).any(|(dialogue, before, reached)| {
            reached.binary_search(&number).is_ok() && play(dialogue, number) != *before
        });
        println!("{number} {}", if falls { "falls" } else { "stands" });
    }
    process::exit(0); // It does not wait for the watch.
}
