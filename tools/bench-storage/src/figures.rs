//! Samples, and the rows that are made of them.

use std::time::Instant;

/// Milliseconds of wall time that one call took.
pub(crate) async fn milliseconds<T>(call: impl Future<Output = T>) -> (f64, T) {
    let started = Instant::now();
    let done = call.await;
    (started.elapsed().as_secs_f64() * 1e3, done)
}

/// Times of the same call, in milliseconds.
#[derive(Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn add(&mut self, milliseconds: f64) {
        self.0.push(milliseconds);
    }

    /// Lower quartile, median, upper quartile.
    pub(crate) fn quartiles(&self) -> [f64; 3] {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| sorted[(sorted.len() - 1) * quarter / 4])
    }

    pub(crate) fn median(&self) -> f64 {
        self.quartiles()[1]
    }
}

/// A figure with what it is compared with.
pub(crate) fn row(name: &str, subject: &Samples, baseline: &Samples, aim: &str) {
    let (subject, baseline) = (subject.median(), baseline.median());
    println!(
        "| {name} | {subject:.2} ms | {baseline:.2} ms | {:.2} | {aim} |",
        subject / baseline
    );
}

/// Two distributions that should be the same.
pub(crate) fn beside(name: &str, one: &Samples, other: &Samples, aim: &str) {
    let shown = |samples: &Samples| {
        let [lower, median, upper] = samples.quartiles();
        format!("{median:.1} ms ({lower:.1} to {upper:.1})")
    };
    let ratio = one.median() / other.median();
    println!(
        "| {name} | {} | {} | {ratio:.2} | {aim} |",
        shown(one),
        shown(other)
    );
}
