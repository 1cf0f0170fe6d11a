//! The three keys of an installation: one signs tokens, one chains the audit trail, one seals cached answers.
//!
//! Each comes from the operator (a variable or a file) or, on one machine, is made at random on first use. A
//! source holds lines: the first is the key in use, further ones are older keys that are still believed when
//! something names them. So replacing one key leaves what it made before readable, and touches no other key.
//! Everything made with a key names its [`KeyId`].

mod check;
mod key;
mod source;

pub use key::{InvalidKeyId, Key, KeyId};
pub use source::KeySource;

use std::fmt;

use crate::EngineError;
use crate::secrets::Secrets;

/// What a key is for. A key of one purpose is never used for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signs the tokens of sessions.
    Token,
    /// Chains the audit trail.
    Audit,
    /// Seals cached answers outside of the process.
    Cache,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Token, Self::Audit, Self::Cache];

    /// The name in messages, files and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Audit => "audit",
            Self::Cache => "cache",
        }
    }

    /// The purpose of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where the keys come from.
#[derive(Clone, Debug)]
pub struct KeySources {
    /// Of the token key.
    pub token: KeySource,
    /// Of the audit key.
    pub audit: KeySource,
    /// Of the cache key.
    pub cache: KeySource,
}

impl KeySources {
    /// Where the key of that purpose comes from.
    #[must_use]
    pub const fn of(&self, purpose: Purpose) -> &KeySource {
        match purpose {
            Purpose::Token => &self.token,
            Purpose::Audit => &self.audit,
            Purpose::Cache => &self.cache,
        }
    }
}

/// The key in use for one purpose, and older ones.
#[derive(Debug)]
pub struct KeyRing {
    current: Key,
    older: Vec<Key>,
    place: String,
}

impl KeyRing {
    /// The key to make new things with.
    #[must_use]
    pub const fn current(&self) -> &Key {
        &self.current
    }

    /// The key of that id, if it is one of these.
    #[must_use]
    pub fn find(&self, id: KeyId) -> Option<&Key> {
        self.all().find(|key| key.id() == id)
    }

    /// The key in use, then the older ones.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// Where they come from, for messages.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// All keys of a process.
#[derive(Debug)]
pub struct Keys {
    token: KeyRing,
    audit: KeyRing,
    cache: KeyRing,
}

impl Keys {
    /// Reads every key, makes what is missing and may be made, and registers all as secrets of the process.
    ///
    /// # Errors
    /// [`EngineError::KeyRefused`] for a key that is too short, a known placeholder or used twice;
    /// [`EngineError::PrivateFile`] for a file that cannot be read or made.
    pub fn load(sources: &KeySources, secrets: &Secrets) -> Result<Self, EngineError> {
        let ring = |purpose| source::load(purpose, sources.of(purpose), secrets);
        let keys = Self {
            token: ring(Purpose::Token)?,
            audit: ring(Purpose::Audit)?,
            cache: ring(Purpose::Cache)?,
        };
        keys.check_apart()?;
        Ok(keys)
    }

    /// Keys for this run alone.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn random() -> Result<Self, EngineError> {
        let sources = KeySources {
            token: KeySource::Random,
            audit: KeySource::Random,
            cache: KeySource::Random,
        };
        Self::load(&sources, &Secrets::new())
    }

    /// The keys of that purpose.
    #[must_use]
    pub const fn ring(&self, purpose: Purpose) -> &KeyRing {
        match purpose {
            Purpose::Token => &self.token,
            Purpose::Audit => &self.audit,
            Purpose::Cache => &self.cache,
        }
    }

    /// Whoever learns one key must not have another one with it.
    fn check_apart(&self) -> Result<(), EngineError> {
        for (at, purpose) in Purpose::ALL.into_iter().enumerate() {
            let ring = self.ring(purpose);
            for other in &Purpose::ALL[at + 1..] {
                let other = self.ring(*other);
                if ring
                    .all()
                    .any(|key| other.all().any(|second| key.is_same_secret(second)))
                {
                    return Err(EngineError::KeyRefused {
                        purpose,
                        place: ring.place.clone(),
                        reason: format!(
                            "{} holds the same one: each purpose needs a key of its own",
                            other.place
                        ),
                    });
                }
            }
        }
        Ok(())
    }
}
