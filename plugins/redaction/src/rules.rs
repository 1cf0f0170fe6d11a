//! A rule set, and a whole text against it.

use std::borrow::Cow;
use std::ops::Range;

use crate::anchor;
use crate::options::{OptionProblem, Options};
use crate::own::{Own, WINDOW};
use crate::pem::{Pem, Start};
use crate::scan::{Advance, Input, Tail, advance, scan};

/// One secret or personal datum in a text: UTF-8 byte offsets on character boundaries, `start < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// First byte to hide.
    pub start: usize,
    /// First byte after what is hidden.
    pub end: usize,
    /// Index into [`Rules::kinds`].
    pub kind: u16,
}

/// What is known of one source between its texts. A fresh one belongs to each source.
#[derive(Clone, Debug, Default)]
pub struct SourceState {
    open: Option<Open>,
    /// Texts in a row that had nothing of the open secret.
    strangers: u8,
}

/// A secret that the last text ended in.
#[derive(Clone, Copy, Debug)]
struct Open {
    tail: Tail,
    kind: u16,
    /// How many bytes at the end of that text were not hidden yet, such as a full stop.
    behind: usize,
}

/// An open secret ends after so many texts that have nothing of it.
const STRANGERS: u8 = 8;

/// The host cuts a text into pieces of so many bytes, or up to three less where a character would be cut. What
/// such a piece ends in may go on in the next one, which says so by what it repeats.
const PIECE: usize = 16 << 10;

impl SourceState {
    /// The kind of the secret that the source ended in, such as a private key written one record a line.
    #[must_use]
    pub fn open(&self) -> Option<u16> {
        self.open.map(|open| open.kind)
    }
}

/// A compiled rule set. Cheap to make: the built-in tables are constants.
#[derive(Debug)]
pub struct Rules {
    kinds: Vec<Cow<'static, str>>,
    off: Vec<bool>,
    keep_last: usize,
    /// Any kind of personal data is on.
    pub(crate) personal: bool,
    pub(crate) own: Own,
    /// No rule is skipped because of what is seen at a glance.
    #[cfg(test)]
    pub(crate) calls_every_rule: bool,
}

impl Rules {
    /// Builds the rules that `options` asks for.
    ///
    /// # Errors
    ///
    /// Every problem of the options, each with its key and the remedy.
    pub fn new(options: &Options) -> Result<Self, Vec<OptionProblem>> {
        let built_in = anchor::kind_names();
        let mut problems = options.problems(&built_in);
        let own = Own::new(options, built_in.len(), &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let off: Vec<bool> = built_in.iter().map(|&kind| options.is_off(kind)).collect();
        let personal = built_in
            .iter()
            .zip(&off)
            .enumerate()
            .any(|(at, (_, &off))| !off && crate::pii::is_personal(at as u16));
        let kinds = built_in
            .into_iter()
            .map(Cow::Borrowed)
            .chain(options.patterns.iter().map(|own| own.name.clone().into()))
            .collect();
        Ok(Self {
            kinds,
            off,
            keep_last: options.keep_last,
            personal,
            own,
            #[cfg(test)]
            calls_every_rule: false,
        })
    }

    /// Names of what can be found, `[a-z0-9-]`, 1 to 40 characters; [`Match::kind`] is an index into it.
    #[must_use]
    pub fn kinds(&self) -> &[Cow<'static, str>] {
        &self.kinds
    }

    #[inline]
    pub(crate) fn is_off(&self, kind: u16) -> bool {
        self.off.get(usize::from(kind)).copied().unwrap_or(false)
    }

    /// Appends the matches in a whole text of one source, sorted and disjoint.
    pub fn find(&self, text: &str, state: &mut SourceState, out: &mut Vec<Match>) {
        self.find_piece(text, 0, state, out);
    }

    /// As [`Rules::find`], for a piece of a long text whose first `seen` bytes ended the piece before.
    pub fn find_piece(
        &self,
        text: &str,
        seen: usize,
        state: &mut SourceState,
        out: &mut Vec<Match>,
    ) {
        let bytes = text.as_bytes();
        let first = out.len();
        let cut = bytes.len() + 3 >= PIECE;
        let mut at = 0;
        if let Some(open) = state.open.take() {
            match self.go_on(open, text, seen, cut, state, out) {
                GoesOn::Behind => return self.finish(text, first, 0..0, out),
                GoesOn::Until(end) => at = end,
            }
        }
        let (signs, lines) = signs_and_lines(bytes);
        let input = |complete, floor, last, edge| Input {
            rules: self,
            bytes,
            complete,
            floor,
            last,
            edge,
            whole: complete && floor == 0 && !cut,
            depth: 0,
            signs,
            lines,
            data: cut,
        };
        let mut stop = scan(input(!cut, at, None, 0), at, out);
        if cut && stop.tail.is_none() && stop.hold < bytes.len() {
            // What cannot be decided yet is short: the next piece, if there is one, repeats it.
            stop = scan(
                input(true, stop.floor, stop.last, stop.edge),
                stop.resume,
                out,
            );
        }
        let mut whole = at..text.len();
        if let Some((tail, kind)) = stop.tail {
            state.open = Some(Open {
                tail,
                kind,
                behind: bytes.len() - stop.resume,
            });
            state.strangers = 0;
            let open_one = out.iter().rfind(|one| one.end == stop.resume);
            whole.end = open_one.map_or(whole.end, |last| last.start);
        }
        self.finish(text, first, whole, out);
    }

    /// Follows the secret that the text before ended in.
    fn go_on(
        &self,
        open: Open,
        text: &str,
        seen: usize,
        cut: bool,
        state: &mut SourceState,
        out: &mut Vec<Match>,
    ) -> GoesOn {
        let (bytes, kind) = (text.as_bytes(), open.kind);
        let (from, tail) = match seen.checked_sub(open.behind) {
            Some(from) if seen > 0 && text.is_char_boundary(from) => (from, open.tail),
            // A text of its own: only armour goes on in it, with a line of its own.
            _ if matches!(open.tail, Tail::Pem(_)) => (0, open.tail.next_text()),
            _ => return GoesOn::Until(0),
        };
        let done = match tail {
            Tail::Pem(pem) if pem.is_apart() => match pem.start(bytes, state.strangers == 0) {
                Start::At {
                    line,
                    wrapper,
                    last,
                } => {
                    let done = advance(Tail::Pem(Pem::at_line(wrapper)), bytes, line, !cut);
                    let open = done.open && (cut || !last);
                    Advance { open, ..done }
                }
                // A record between: the key may go on in the next one.
                Start::Nowhere if state.strangers < STRANGERS => {
                    state.strangers += 1;
                    Advance::nothing(tail, true)
                }
                Start::Nowhere | Start::Ended => Advance::nothing(tail, false),
            },
            _ => advance(tail, bytes, from, !cut),
        };
        if done.to > done.from {
            out.push(Match {
                start: done.from,
                end: done.to,
                kind,
            });
            if matches!(tail, Tail::Pem(pem) if pem.is_apart()) {
                state.strangers = 0;
            }
        }
        if done.open {
            state.open = Some(Open {
                tail: done.tail,
                kind,
                behind: bytes.len() - done.to,
            });
        }
        if done.open && cut {
            GoesOn::Behind
        } else {
            GoesOn::Until(done.to)
        }
    }

    /// Whether what is hidden of a value depends on its end.
    pub(crate) fn waits(&self) -> bool {
        self.keep_last > 0 || self.own.excuses()
    }

    /// Own patterns, the allow-list, and what of a secret may stay visible. In `whole` values are whole: one
    /// that goes on in the next text, or began in the one before, stays hidden.
    fn finish(&self, text: &str, first: usize, whole: Range<usize>, out: &mut Vec<Match>) {
        self.own.add(text, first, out);
        if !self.waits() {
            return;
        }
        let mut at = 0;
        out.retain_mut(|found| {
            at += 1;
            let cut = found.start < whole.start || found.end > whole.end;
            at <= first || cut || self.excuse(text, found)
        });
    }

    /// Applies the allow-list and `keep-last` to the match of a whole value. False where nothing stays hidden.
    pub(crate) fn excuse(&self, text: &str, found: &mut Match) -> bool {
        let secret = &text[found.start..found.end];
        if secret.len() > WINDOW {
            return true;
        }
        if self.own.allows(secret) {
            return false;
        }
        let last = secret.chars().rev().take(self.keep_last);
        let kept: usize = last.map(char::len_utf8).sum();
        // Three quarters have to stay hidden.
        if secret.len() >= kept * 4 {
            found.end -= kept;
        }
        true
    }
}

/// Where the secret of the text before ends.
enum GoesOn {
    Behind,
    Until(usize),
}

/// Whether there is an `@` in the bytes, and whether the end of a line. One pass without branches, of which the
/// compiler makes vectors.
fn signs_and_lines(bytes: &[u8]) -> (bool, bool) {
    let (signs, lines) = bytes.iter().fold((0u8, 0u8), |(signs, lines), &byte| {
        (
            signs | u8::from(byte == b'@'),
            lines | u8::from(byte == b'\n'),
        )
    });
    (signs != 0, lines != 0)
}
