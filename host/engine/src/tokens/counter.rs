//! Exact counts, when there is time for them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tiktoken_rs::CoreBPE;

use super::{Counted, Encoding};

/// Longest text that is counted. The encoder's worst case grows faster than the text; the bound stands for
/// what is longer.
const MAX_COUNTED_BYTES: usize = 512 * 1024;

struct Encoder {
    bpe: OnceLock<&'static CoreBPE>,
    begun: AtomicBool,
}

impl Encoder {
    const fn new() -> Self {
        Self {
            bpe: OnceLock::new(),
            begun: AtomicBool::new(false),
        }
    }
}

/// The library keeps one encoder of a kind for the whole process, and so does this.
static O200K: Encoder = Encoder::new();
static CL100K: Encoder = Encoder::new();

/// Counts the tokens of one model's texts.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    encoding: Option<Encoding>,
}

impl Counter {
    /// Builds nothing yet. Without an encoding it never counts.
    #[must_use]
    pub fn new(encoding: Option<Encoding>) -> Self {
        Self { encoding }
    }

    /// What it counts in; none where it cannot count.
    #[must_use]
    pub fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// Starts to build the encoder on a blocking thread, once, and does not wait. Call it where nobody waits
    /// either, such as after the first answer. Needs a tokio runtime.
    pub fn warm(&self) {
        let Some(encoding) = self.encoding else {
            return;
        };
        if !encoder(encoding).begun.swap(true, Ordering::Relaxed) {
            tokio::task::spawn_blocking(move || build(encoding));
        }
    }

    /// The exact count, where the encoder is there already and the text is not too long to count.
    #[must_use]
    pub fn try_count(&self, text: &str) -> Option<Counted> {
        let encoding = self.encoding?;
        count(encoder(encoding).bpe.get()?, encoding, text)
    }

    /// The exact count of each text; builds the encoder when it has to. The work is done on a blocking thread.
    pub async fn count_all(&self, texts: Vec<String>) -> Vec<Option<Counted>> {
        let none = vec![None; texts.len()];
        let Some(encoding) = self.encoding else {
            return none;
        };
        encoder(encoding).begun.store(true, Ordering::Relaxed);
        let work = tokio::task::spawn_blocking(move || {
            let bpe = build(encoding);
            texts
                .iter()
                .map(|text| count(bpe, encoding, text))
                .collect()
        });
        work.await.unwrap_or(none)
    }
}

fn encoder(encoding: Encoding) -> &'static Encoder {
    match encoding {
        Encoding::O200k => &O200K,
        Encoding::Cl100k => &CL100K,
    }
}

fn build(encoding: Encoding) -> &'static CoreBPE {
    encoder(encoding).bpe.get_or_init(|| match encoding {
        Encoding::O200k => tiktoken_rs::o200k_base_singleton(),
        Encoding::Cl100k => tiktoken_rs::cl100k_base_singleton(),
    })
}

fn count(bpe: &CoreBPE, encoding: Encoding, text: &str) -> Option<Counted> {
    if text.len() > MAX_COUNTED_BYTES {
        return None;
    }
    // Special tokens in a person's text are text.
    let tokens = u32::try_from(bpe.encode_ordinary(text).len()).ok()?;
    Some(Counted { tokens, encoding })
}
