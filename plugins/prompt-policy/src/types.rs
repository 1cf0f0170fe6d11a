//! The shapes of the contract's `prompt-policy` interface as plain Rust types.

/// What the caller may ask for. Decided by the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Chat and own data.
    User,
    /// The installation's administrator.
    Admin,
}

/// Who the host acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// Opaque and stable within one installation.
    pub user_id: &'a str,
    /// Decided by the host.
    pub access: Access,
    /// The current conversation's id.
    pub conversation: &'a str,
}

/// Who wrote a message of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One message of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Who wrote it.
    pub author: Author,
    /// Its text.
    pub content: &'a str,
}

/// A range of UTF-8 bytes: `start` < `end`, both on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Index into [`Policy::kinds`](crate::Policy::kinds).
    pub kind: u16,
}

/// A rule as the host shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// `[a-z0-9-]`, 1 to 40 characters, unique.
    pub id: &'static str,
    /// At most 200 printable characters, shown to the person whose text it judged.
    pub explanation: &'static str,
}

/// That a rule saw something, also when the verdict is to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Index into [`Policy::rules`](crate::Policy::rules).
    pub rule: u16,
    /// 0 (none) to 100 (certain).
    pub score: u8,
}

/// What becomes of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent as it is.
    Allow,
    /// These ranges are hidden before it is stored or sent. Sorted and disjoint.
    Mask(Vec<Span>),
    /// It is refused by the rule with this index.
    Deny(u16),
}

/// The answer to a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What becomes of the prompt.
    pub verdict: Verdict,
    /// What rules saw, each rule at most once.
    pub findings: Vec<Finding>,
}

/// What becomes of a piece of the answer. Offsets count from the first byte that is not yet
/// released, the current delta included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// How many bytes may be shown.
    pub release: u32,
    /// Ranges inside the released bytes to hide. Sorted and disjoint.
    pub mask: Vec<Span>,
    /// The rule that ends the answer after the released bytes.
    pub cut: Option<u16>,
    /// What rules saw in this step.
    pub findings: Vec<Finding>,
}
