//! One pass from left to right: words and a few punctuation marks trigger the rules that can begin there.
//!
//! Every rule looks a bounded number of bytes ahead and behind, so that the whole is linear, and every rule
//! says honestly when the end of what is there so far keeps it from deciding ([`Found::More`]). A stream
//! and a whole text therefore run the same code and agree for every way to cut the text.

mod glance;
mod trigger;

use std::mem::replace;

use glance::Next;
use trigger::{Triggered, trigger};

use crate::class::{HEX, Set, WORD, run_end, trim_tail};
use crate::quote::Quote;
use crate::word::Word;
use crate::{Match, Rules, anchor, header, keyed, manifest, pem, pii, token, url};

/// How far behind a position rules may look; a stream keeps this much of what it released.
pub(crate) const BEHIND: usize = 256;
/// A word that is longer than this is no longer held back: no rule decides by what lies beyond.
const LONGEST_WORD: usize = 1200;

/// Texts inside of texts, such as base64 in base64, that are looked into.
pub(crate) const LAYERS: u8 = 2;

/// What the rules see.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) bytes: &'a [u8],
    /// False where more of the text may follow.
    pub(crate) complete: bool,
    /// The end of the last match: context does not reach behind it, so that redacting twice changes nothing.
    pub(crate) floor: usize,
    /// The kind of the last match.
    pub(crate) last: Option<u16>,
    /// The end of the last escaped character or control sequence: a word begins there whatever stands before.
    pub(crate) edge: usize,
    /// The bytes are the whole text, so that a value may be known to stand alone.
    pub(crate) whole: bool,
    /// How many layers of encoding were taken off.
    pub(crate) depth: u8,
    /// There is an `@` in the bytes, or may be.
    pub(crate) signs: bool,
    /// There is more than one line, or may be.
    pub(crate) lines: bool,
    /// A word was passed that opens a block of data, or may have been.
    pub(crate) data: bool,
}

impl Input<'_> {
    /// Whether a rule is called that `glance` says may apply. The test that no glance loses anything calls all.
    #[inline(always)]
    pub(crate) fn lets(&self, glance: bool) -> bool {
        #[cfg(test)]
        if self.rules.calls_every_rule {
            return true;
        }
        glance
    }

    /// The byte before `at`; none after a match, whose place a marker would take.
    pub(crate) fn before(&self, at: usize) -> Option<u8> {
        if at > self.floor {
            Some(self.bytes[at - 1])
        } else {
            None
        }
    }
}

/// What a rule says of one position.
pub(crate) enum Found {
    None,
    Hit(Hit),
    /// Cannot be decided yet; what begins here must not be shown.
    More(usize),
}

/// A secret. `tail` says how it goes on where it reaches the end of an incomplete text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: u16,
    pub(crate) tail: Option<Tail>,
}

/// How a secret that has begun goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    Run(Set),
    /// A value without quotes.
    Plain(keyed::Stop),
    Quoted(Quote),
    Pem(pem::Pem),
}

impl Tail {
    /// As it goes on in another text of its source.
    pub(crate) fn next_text(self) -> Self {
        match self {
            Self::Pem(state) => Self::Pem(state.next_text()),
            other => other,
        }
    }
}

/// How far a tail reaches in what is there.
pub(crate) struct Advance {
    /// Where what is to be hidden begins.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) open: bool,
    /// The tail's state from here on.
    pub(crate) tail: Tail,
}

impl Advance {
    /// A text has nothing of the secret.
    pub(crate) fn nothing(tail: Tail, open: bool) -> Self {
        Self {
            from: 0,
            to: 0,
            open,
            tail,
        }
    }
}

/// Follows a secret from `at` on.
pub(crate) fn advance(tail: Tail, bytes: &[u8], at: usize, complete: bool) -> Advance {
    match tail {
        Tail::Run(set) => {
            let end = run_end(bytes, at, set, usize::MAX);
            Advance {
                from: at,
                to: trim_tail(bytes, at, end),
                open: end == bytes.len() && !complete,
                tail,
            }
        }
        Tail::Plain(stop) => {
            let end = keyed::plain_end(bytes, at, stop, usize::MAX);
            Advance {
                from: at,
                to: keyed::trim_plain(bytes, at, end),
                open: !keyed::plain_closed(bytes, end, complete),
                tail,
            }
        }
        Tail::Quoted(quote) => {
            let (to, closed) = quote.end(bytes, at, usize::MAX, complete);
            Advance {
                from: at,
                to,
                open: !closed && !complete,
                tail,
            }
        }
        Tail::Pem(state) => pem::advance(state, bytes, at, complete),
    }
}

/// Where a scan stopped.
pub(crate) struct Stop {
    /// Where the next scan begins.
    pub(crate) resume: usize,
    /// Bytes from here on must not be shown yet.
    pub(crate) hold: usize,
    /// The secret that the text ended in.
    pub(crate) tail: Option<(Tail, u16)>,
    pub(crate) floor: usize,
    pub(crate) last: Option<u16>,
    /// See [`Input::edge`]: the last one up to where the next scan begins.
    pub(crate) edge: usize,
}

/// Scans from `at` to the end, or to what cannot be decided yet.
pub(crate) fn scan(mut input: Input<'_>, at: usize, out: &mut Vec<Match>) -> Stop {
    let (bytes, complete) = (input.bytes, input.complete);
    let mut at = skip_started_word(&input, at);
    let mut resume = at;
    let (mut left, mut left_at) = (None, at);
    // The edge before the last one: a scan that begins before an escaped character meets it again.
    let mut edge_before = input.edge;
    let mut allowed = glance::allowed(&input);
    loop {
        let (passed, next) = glance::next(&input, at, allowed);
        if passed > at {
            at = passed;
            resume = at;
        }
        let found = match next {
            Next::End => break,
            Next::Cut => Found::More(at),
            Next::Sign => match trigger(&input, at) {
                Triggered::Found(Found::None) => {
                    at += 1;
                    resume = at;
                    Found::None
                }
                Triggered::Found(found) => found,
                Triggered::Skip(end) => {
                    // A word may begin inside what a byte-wise look would take for one: resume before it, also
                    // where it only comes with the next delta.
                    at = end;
                    edge_before = replace(&mut input.edge, end);
                    if bytes.get(at).is_some_and(|&byte| !WORD.has(byte)) {
                        resume = at;
                    }
                    Found::None
                }
            },
            Next::Word(found, rules) => {
                let time = match rules.has(glance::Rules::TIMESTAMP) {
                    true => timestamp(bytes, at, complete),
                    false => Timestamp::No,
                };
                match time {
                    Timestamp::No => match word(&input, at, found, rules) {
                        Found::None => {
                            if rules.has(glance::Rules::OPENS)
                                && manifest::opens(&bytes[at..found.end])
                            {
                                input.data = true;
                                allowed = glance::allowed(&input);
                            }
                            at = found.end;
                            resume = at;
                            Found::None
                        }
                        found => found,
                    },
                    Timestamp::Cut => Found::More(at),
                    Timestamp::To(end) => {
                        at = end;
                        resume = at;
                        Found::None
                    }
                }
            }
        };
        match found {
            Found::None => {}
            Found::More(hold) => {
                return Stop {
                    resume,
                    hold,
                    tail: None,
                    floor: input.floor,
                    last: input.last,
                    edge: settled(input.edge, edge_before, resume),
                };
            }
            Found::Hit(hit) => {
                if hit.end > hit.start {
                    out.push(Match {
                        start: hit.start,
                        end: hit.end,
                        kind: hit.kind,
                    });
                }
                input.floor = hit.end;
                // A marker stands for a match whose kind is not known here.
                input.last = (hit.end > hit.start).then_some(hit.kind);
                if let Some(tail) = hit.tail {
                    if !complete {
                        return Stop {
                            resume: hit.end,
                            hold: hit.end,
                            tail: Some((tail, hit.kind)),
                            floor: hit.end,
                            last: Some(hit.kind),
                            edge: settled(input.edge, edge_before, hit.end),
                        };
                    }
                    // The next text may go on with it; the rest of this one is looked at none the less.
                    left = Some((tail, hit.kind));
                    left_at = hit.end;
                }
                at = skip_started_word(&input, hit.end.max(at));
                resume = at;
            }
        }
    }
    let resume = left.map_or(resume, |_| left_at);
    Stop {
        resume,
        hold: bytes.len(),
        tail: left,
        floor: input.floor,
        last: input.last,
        edge: settled(input.edge, edge_before, resume),
    }
}

/// Scans a text inside of the text, by itself. True where a secret goes on at its end.
pub(crate) fn scan_inner(input: &Input<'_>, text: &[u8]) -> (Vec<Match>, bool) {
    let mut found = Vec::new();
    let inner = Input {
        rules: input.rules,
        bytes: text,
        complete: true,
        floor: 0,
        last: None,
        edge: 0,
        whole: false,
        depth: input.depth + 1,
        signs: true,
        lines: true,
        data: true,
    };
    let stop = scan(inner, 0, &mut found);
    (found, stop.tail.is_some())
}

/// The last edge that lies before what the next scan begins with.
fn settled(edge: usize, before: usize, resume: usize) -> usize {
    if edge <= resume { edge } else { before }
}

enum Timestamp {
    No,
    /// Maybe, once more of the text is known.
    Cut,
    To(usize),
}

/// Date and time at `at` as most logs begin with them: `2030-01-02T03:04:05`. Nobody's number is in them.
fn timestamp(bytes: &[u8], at: usize, complete: bool) -> Timestamp {
    const FORM: &[u8; 19] = b"9999-99-99T99:99:99";
    let there = &bytes[at..bytes.len().min(at + FORM.len())];
    let fits = there.iter().zip(FORM).all(|(&byte, &form)| match form {
        b'9' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        sign => byte == sign,
    });
    if !fits || (there.len() < FORM.len() && complete) {
        return Timestamp::No;
    }
    let end = at + FORM.len();
    let end = end + usize::from(bytes.get(end) == Some(&b'Z'));
    match bytes.get(end) {
        Some(&byte) if WORD.has(byte) => Timestamp::No,
        None if !complete => Timestamp::Cut,
        _ => Timestamp::To(end),
    }
}

/// Past the rest of a word whose beginning lies before `at`, or in the match that ended there.
fn skip_started_word(input: &Input<'_>, at: usize) -> usize {
    let bytes = input.bytes;
    if at > 0
        && at < bytes.len()
        && WORD.has(bytes[at])
        && (at == input.floor || WORD.has(bytes[at - 1]))
    {
        return run_end(bytes, at, WORD, usize::MAX);
    }
    at
}

macro_rules! first_of {
    ($($rule:expr),+ $(,)?) => {
        $(match $rule {
            Found::None => {}
            found => return found,
        })+
    };
}

/// The rules that can begin at a word, of those that a glance does not rule out.
#[inline(never)]
fn word(input: &Input<'_>, at: usize, word: Word, rules: glance::Rules) -> Found {
    use glance::Rules;
    let (bytes, end) = (input.bytes, word.end);
    if rules.has(Rules::ANCHOR) {
        first_of!(anchor::find(input, at));
    }
    if rules.has(Rules::EMAIL) {
        first_of!(pii::email::find(input, at));
    }
    if rules.has(Rules::TOKEN) {
        first_of!(token::find(input, at, end));
    }
    if rules.has(Rules::NUMBER) {
        first_of!(pii::number::find(input, at, word));
    }
    if rules.has(Rules::IDENTIFIER)
        && (word.digits > 0 || pii::identifier::may_begin(bytes, at, end))
    {
        first_of!(pii::identifier::find(input, at, word));
    }
    if rules.has(Rules::ADDRESS) {
        let inner = bytes.get(end + 1);
        if input.lets(inner.is_none_or(|&byte| byte == b':' || HEX.has(byte))) {
            first_of!(pii::ip::find_v6(input, at));
        }
    }
    if rules.has(Rules::HOOK) && input.lets(url::may_be_hook(bytes, at, end)) {
        first_of!(url::web_hook(input, at));
    }
    if rules.has(Rules::ENTRY) {
        first_of!(manifest::find(input, at, end));
    }
    if rules.has(Rules::HEADER) {
        first_of!(header::find(input, at, end));
    }
    if rules.has(Rules::NAME) && input.lets(keyed::may_follow(input, at, end)) {
        first_of!(keyed::find(input, at, end));
    }
    Found::None
}
