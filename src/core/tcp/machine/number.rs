//! Numbers of cues and facts, and sets of small numbers, a bit each.

/// The number of a cue or of a fact, as an entry of a log and a column keep it.
pub type Number = u8;

/// How many numbers there are: so many cues, and so many facts.
pub const NUMBERS: usize = 1 << Number::BITS;

/// In which word the bit of `number` is, and the bit.
#[must_use]
pub const fn place(number: usize) -> (usize, u64) {
    (number / u64::BITS as usize, 1 << (number % u64::BITS as usize))
}

/// The smallest number of a set, taken out of it.
#[inline]
pub fn take_first(words: &mut [u64]) -> Option<usize> {
    let (at, word) = words.iter_mut().enumerate().find(|(_, word)| **word != 0)?;
    let bit = word.trailing_zeros() as usize;
    *word &= *word - 1;
    Some(at * u64::BITS as usize + bit)
}

#[cfg(test)]
mod tests {
    use super::{place, take_first};

    #[test]
    fn numbers_are_taken_in_their_order() {
        let numbers = [0, 1, 63, 64, 127, 128, 191];
        let mut words = [0; 3];
        for number in numbers {
            let (word, bit) = place(number);
            words[word] |= bit;
        }
        assert_eq!(std::iter::from_fn(|| take_first(&mut words)).collect::<Vec<_>>(), numbers);
        assert_eq!(words, [0; 3]);
    }
}
