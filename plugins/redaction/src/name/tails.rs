//! Words by their last letter: a name is compared with the few that end like it.

/// How many low bits of a letter are looked at: both cases share them.
const BITS: u32 = 5;
const LETTERS: usize = 1 << BITS;

/// Words, each with a number that says what it stands for.
pub(super) struct Tails<const COUNT: usize> {
    /// By their last letter; those of one letter in the order in which they were given.
    words: [(&'static [u8], u8); COUNT],
    /// Where the words of each letter begin, and where the last ones end.
    starts: [u8; LETTERS + 1],
}

impl<const COUNT: usize> Tails<COUNT> {
    /// Words that stand for nothing but themselves.
    pub(super) const fn of(words: [&'static [u8]; COUNT]) -> Self {
        let mut numbered: [(&[u8], u8); COUNT] = [(b"", 0); COUNT];
        let mut at = 0;
        while at < COUNT {
            numbered[at].0 = words[at];
            at += 1;
        }
        Self::new(numbered)
    }

    /// At most 255 words, none of them empty: others do not compile.
    pub(super) const fn new(words: [(&'static [u8], u8); COUNT]) -> Self {
        assert!(COUNT < 256);
        let mut sorted: [(&[u8], u8); COUNT] = [(b"", 0); COUNT];
        let mut starts = [0; LETTERS + 1];
        let (mut to, mut letter) = (0, 0);
        while letter < LETTERS {
            starts[letter] = to as u8;
            let mut at = 0;
            while at < COUNT {
                let word = words[at].0;
                if Self::letter(word[word.len() - 1]) == letter {
                    sorted[to] = words[at];
                    to += 1;
                }
                at += 1;
            }
            letter += 1;
        }
        starts[LETTERS] = to as u8;
        Self {
            words: sorted,
            starts,
        }
    }

    /// The words that may end like `text`, with their numbers.
    pub(super) fn ending_like(&self, text: &[u8]) -> &[(&'static [u8], u8)] {
        let Some(&last) = text.last() else {
            return &[];
        };
        let letter = Self::letter(last);
        let (from, to) = (self.starts[letter], self.starts[letter + 1]);
        crate::count::steps(usize::from(to - from));
        &self.words[usize::from(from)..usize::from(to)]
    }

    const fn letter(byte: u8) -> usize {
        byte as usize % LETTERS
    }
}

#[cfg(test)]
mod tests {
    use super::Tails;

    #[test]
    fn words_are_found_by_their_last_letter_in_their_order() {
        static TAILS: Tails<4> = Tails::new([(b"key", 0), (b"token", 1), (b"day", 2), (b"n", 3)]);
        assert_eq!(
            TAILS.ending_like(b"monkeY"),
            [(b"key".as_slice(), 0), (b"day".as_slice(), 2)]
        );
        assert_eq!(TAILS.ending_like(b"n").len(), 2);
        assert!(TAILS.ending_like(b"").is_empty() && TAILS.ending_like(b"z").is_empty());
    }
}
