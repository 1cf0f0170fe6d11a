//! The names by which plugins are known: what they are called, what they are, what they may do.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A plugin's name: 1 to 64 characters of `[a-z0-9-]`, without the order prefix of its file name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginName(String);

/// Says why a text is no plugin name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a plugin name: use 1 to 64 of a-z, 0-9 and -")]
pub struct InvalidName(String);

impl PluginName {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 64;

    /// Checks and takes a name.
    ///
    /// # Errors
    /// When the name is empty, too long or holds another character than `[a-z0-9-]`.
    pub fn new(name: &str) -> Result<Self, InvalidName> {
        let fits = (1..=Self::MAX_CHARS).contains(&name.len());
        if fits
            && name
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        {
            return Ok(Self(name.to_owned()));
        }
        Err(InvalidName(crate::printable::line(name, Self::MAX_CHARS)))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PluginName {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        Self::new(name)
    }
}

impl serde::Serialize for PluginName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PluginName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::new(&name).map_err(serde::de::Error::custom)
    }
}

/// A SHA-256 digest. Shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut digester = Digester::new();
        digester.raw(bytes);
        digester.finish()
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 hexadecimal digits: enough to tell plugins apart on a screen, never to check one.
    #[must_use]
    pub fn short(&self) -> String {
        let mut hex = self.to_string();
        hex.truncate(12);
        hex
    }

    /// Reads 64 hexadecimal digits, of either case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text)
            .ok_or_else(|| serde::de::Error::custom("a SHA-256 digest has 64 hexadecimal digits"))
    }
}

/// Builds a digest over several parts so that no two different lists of parts give the same bytes.
pub(crate) struct Digester(aws_lc_rs::digest::Context);

impl Digester {
    pub(crate) fn new() -> Self {
        Self(aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256))
    }

    /// Adds one part, with its length before it.
    pub(crate) fn part(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.raw(bytes)
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    pub(crate) fn finish(self) -> Digest {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.finish().as_ref());
        Digest(bytes)
    }
}

/// What a plugin is. A component exports exactly one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Finds what must not be seen in a text that goes to a log.
    Redactor,
    /// Reviews prompts and answers.
    PromptPolicy,
    /// Brings chat commands.
    Commands,
}

impl Kind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::PromptPolicy, Self::Redactor, Self::Commands];

    /// The interface of the plugin package that makes a component this kind.
    #[must_use]
    pub const fn interface(self) -> &'static str {
        match self {
            Self::Redactor => "redactor",
            Self::PromptPolicy => "prompt-policy",
            Self::Commands => "commands",
        }
    }

    /// The name of the built-in component of this kind.
    #[must_use]
    pub const fn built_in_name(self) -> &'static str {
        match self {
            Self::Redactor => "redaction",
            Self::PromptPolicy => "prompt-policy",
            Self::Commands => "commands",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redactor => "redactor",
            Self::PromptPolicy => "prompt policy",
            Self::Commands => "commands",
        })
    }
}

/// One interface of the host that an operator lets a plugin call.
///
/// `settings` is no grant: every plugin has it. A prompt policy has `log` without being granted it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// Writes to the host's log.
    Log,
    /// Writes to the caller's screen and asks questions.
    Output,
    /// Sees who is here and in what state the chat is.
    Session,
    /// The caller's current conversation.
    Conversations,
    /// All conversations of the caller.
    ConversationsAll,
    /// The caller's own account.
    Auth,
    /// Accounts, for administrators.
    Users,
    /// The audit trail, for administrators.
    Audit,
    /// The plugin set, for administrators.
    Plugins,
    /// A small store of its own.
    Storage,
    /// A cache of its own.
    Cache,
    /// The caller's window of model calls.
    RateLimit,
    /// Asks the model.
    Llm,
    /// The inert minimum of WASI: no files, no sockets, no environment.
    Wasi,
}

impl Grant {
    /// Every grant, in the order of the contract.
    pub const ALL: [Self; 14] = [
        Self::Log,
        Self::Output,
        Self::Session,
        Self::Conversations,
        Self::ConversationsAll,
        Self::Auth,
        Self::Users,
        Self::Audit,
        Self::Plugins,
        Self::Storage,
        Self::Cache,
        Self::RateLimit,
        Self::Llm,
        Self::Wasi,
    ];

    /// The name in configuration files; for all but `wasi` also the name of the interface.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Output => "output",
            Self::Session => "session",
            Self::Conversations => "conversations",
            Self::ConversationsAll => "conversations-all",
            Self::Auth => "auth",
            Self::Users => "users",
            Self::Audit => "audit",
            Self::Plugins => "plugins",
            Self::Storage => "storage",
            Self::Cache => "cache",
            Self::RateLimit => "rate-limit",
            Self::Llm => "llm",
            Self::Wasi => "wasi",
        }
    }

    /// The grant of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a component came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in the binary.
    BuiltIn,
    /// Read from this file.
    File(PathBuf),
}

impl Origin {
    /// Whether it is embedded in the binary.
    #[must_use]
    pub const fn is_built_in(&self) -> bool {
        matches!(self, Self::BuiltIn)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

    use super::*;

    #[test]
    fn plugin_names_have_a_small_alphabet_and_an_end() {
        let longest = "a".repeat(64);
        for name in ["a", "company-terms", "2fa", longest.as_str()] {
            assert_eq!(PluginName::new(name).unwrap().as_str(), name);
        }
        for name in [
            "",
            "Terms",
            "a_b",
            "a.b",
            "ü",
            "a\n",
            "../x",
            &"a".repeat(65),
        ] {
            assert!(PluginName::new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_refused_name_is_shown_printable() {
        let text = PluginName::new("a\u{1b}[2J").unwrap_err().to_string();
        assert_eq!(
            text,
            "`a\\u{1b}[2J` is not a plugin name: use 1 to 64 of a-z, 0-9 and -"
        );
    }

    #[test]
    fn a_digest_is_sha_256_and_reads_back() {
        let digest = Digest::of(b"abc");
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), hex);
        assert_eq!(digest.short(), "ba7816bf8f01");
        assert_eq!(Digest::from_hex(&hex.to_uppercase()), Some(digest));
        for wrong in ["", &hex[1..], &format!("{}g", &hex[1..]), &"é".repeat(32)] {
            assert_eq!(Digest::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn parts_of_a_digest_do_not_run_into_each_other() {
        let of = |parts: [&str; 2]| {
            let mut digester = Digester::new();
            parts.iter().for_each(|part| {
                digester.part(part.as_bytes());
            });
            digester.finish()
        };
        assert_ne!(of(["ab", "c"]), of(["a", "bc"]));
    }

    #[test]
    fn every_grant_is_found_by_its_name() {
        for grant in Grant::ALL {
            assert_eq!(Grant::from_name(grant.name()), Some(grant));
        }
        assert_eq!(Grant::from_name("settings"), None);
    }
}
