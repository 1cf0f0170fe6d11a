//! Shares, by half of the samples, as a table.

use sha2::{Digest, Sha256};

pub(super) const HEADER: &str = "\
| set | figure | held back | tuned on |
|---|---|---|---|";

/// Named shares, in the order in which they first came.
#[derive(Default)]
pub(super) struct Figures {
    shares: Vec<(String, [Share; 2])>,
    half: usize,
}

#[derive(Clone, Copy, Default)]
struct Share {
    part: f64,
    of: u32,
}

impl Figures {
    /// What follows belongs to the sample of this id.
    pub(super) fn begin_row(&mut self, id: &str) {
        self.half = usize::from(is_tuning(id));
    }

    /// One sample more of this figure: 1 when it has the property, 0 when not, or a share of its own.
    pub(super) fn add(&mut self, name: &str, part: f64) {
        let at = self.shares.iter().position(|(known, _)| known == name);
        let at = at.unwrap_or_else(|| {
            self.shares.push((name.to_owned(), Default::default()));
            self.shares.len() - 1
        });
        let share = &mut self.shares[at].1[self.half];
        share.part += part;
        share.of += 1;
    }

    pub(super) fn table(mut self, set: &str) -> Vec<String> {
        self.shares.sort_by(|(left, _), (right, _)| left.cmp(right));
        let line = |(name, halves): &(String, [Share; 2])| {
            let [held_back, tuned] = halves.map(|share| share.shown());
            format!("| {set} | {name} | {held_back} | {tuned} |")
        };
        self.shares.iter().map(line).collect()
    }
}

impl Share {
    fn shown(self) -> String {
        if self.of == 0 {
            return "-".to_owned();
        }
        format!("{:.3} of {}", self.part / f64::from(self.of), self.of)
    }
}

/// The half that rules were written on: the first byte of the id's SHA-256 is below 128.
fn is_tuning(id: &str) -> bool {
    Sha256::digest(id.as_bytes())[0] < 128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_counted_apart() {
        let mut figures = Figures::default();
        for number in 0..1_000 {
            figures.begin_row(&number.to_string());
            figures.add("even", f64::from(u8::from(number % 2 == 0)));
        }
        let counts = figures.shares[0].1.map(|share| share.of);
        assert_eq!(counts.iter().sum::<u32>(), 1_000);
        assert!(counts.iter().all(|count| (400..600).contains(count)));
        assert!(figures.table("numbers")[0].starts_with("| numbers | even | 0."));
    }
}
