//! What a password is checked against: argon2id, with the parameters that OWASP names.
//!
//! Hashing takes tens of milliseconds and 19 MiB, so it runs on a thread that may block. A name that is no
//! account costs one hashing too, so that the time does not tell which names are.

use std::fmt;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version, password_hash};

use super::Password;
use crate::EngineError;

/// KiB of memory, passes and lanes.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A stored hash names what checking it costs. One that asks for so many times more than today's was written by somebody
/// else: it would hold every login for hours.
const MOST_TIMES: u32 = 16;

/// A hashed password with its salt and parameters, as PHC writes it. Shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// One that was stored.
    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Hashes a password with a random salt.
    pub(super) async fn of(password: &Password) -> Result<Self, EngineError> {
        let password = password.clone();
        blocking(move || hash(&password)).await
    }

    /// Whether it is that password; takes as long without a hash to compare with. Of one that is right, also a new
    /// hash if the parameters of the old one are not today's.
    pub(super) async fn verify(
        of: Option<Self>,
        password: &Password,
    ) -> Result<Verified, EngineError> {
        let password = password.clone();
        blocking(move || {
            let Some(of) = of.filter(|_| password.is_possible()) else {
                hash(&password.cut())?;
                return Ok(Verified::Wrong);
            };
            let parsed = password_hash::phc::PasswordHash::new(&of.0).map_err(failed)?;
            if Params::try_from(&parsed).is_ok_and(|found| is_excessive(&found)) {
                return Err(failed("checking it would take too long"));
            }
            match argon2(&password)?.verify_password(password.bytes(), &parsed) {
                Ok(())
                    if Params::try_from(&parsed).is_ok_and(|found| is_todays(&found))
                        && parsed.algorithm == argon2::ARGON2ID_IDENT =>
                {
                    Ok(Verified::Right(None))
                }
                Ok(()) => Ok(Verified::Right(Some(hash(&password)?))),
                Err(password_hash::Error::PasswordInvalid) => Ok(Verified::Wrong),
                Err(error) => Err(failed(error)),
            }
        })
        .await
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// What came of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verified {
    Wrong,
    Right(Option<PasswordHash>),
}

fn is_todays(found: &Params) -> bool {
    (found.m_cost(), found.t_cost(), found.p_cost()) == (MEMORY_KIB, PASSES, LANES)
}

fn is_excessive(found: &Params) -> bool {
    found.m_cost() > MEMORY_KIB * MOST_TIMES
        || found.t_cost() > PASSES * MOST_TIMES
        || found.p_cost() > LANES * MOST_TIMES
}

fn hash(password: &Password) -> Result<PasswordHash, EngineError> {
    let hash = argon2(password)?
        .hash_password(password.bytes())
        .map_err(failed)?;
    Ok(PasswordHash(hash.to_string()))
}

/// For one computation with that password.
fn argon2(password: &Password) -> Result<Argon2<'static>, EngineError> {
    #[cfg(test)]
    super::work::count(password);
    #[cfg(not(test))]
    let _ = password;
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl fmt::Display) -> EngineError {
    EngineError::Password(error.to_string())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(EngineError::Password("the hashing ended early".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use secrecy::SecretString;

    use super::*;

    fn password(text: &str) -> Password {
        Password::new(&SecretString::from(text))
    }

    #[tokio::test]
    async fn a_password_is_verified_and_another_is_not() {
        let hash = PasswordHash::of(&password("right")).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let verify = async |text: &str| {
            PasswordHash::verify(Some(hash.clone()), &password(text))
                .await
                .unwrap()
        };
        assert_eq!(verify("right").await, Verified::Right(None));
        assert_eq!(verify("wrong").await, Verified::Wrong);
        assert_eq!(verify("").await, Verified::Wrong);
        assert_ne!(hash, PasswordHash::of(&password("right")).await.unwrap());
    }

    #[tokio::test]
    async fn older_parameters_are_verified_and_renewed() {
        let params = Params::new(1024, 1, 1, None).unwrap();
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(b"right")
            .unwrap()
            .to_string();
        let verified =
            PasswordHash::verify(Some(PasswordHash::stored(old)), &password("right")).await;
        let Verified::Right(Some(new)) = verified.unwrap() else {
            unreachable!("the old parameters are not today's")
        };
        assert!(new.as_str().contains("m=19456,t=2,p=1"));
    }

    #[tokio::test]
    async fn without_an_account_every_password_is_wrong() {
        assert_eq!(
            PasswordHash::verify(None, &password("x")).await.unwrap(),
            Verified::Wrong
        );
    }

    #[tokio::test]
    async fn a_hash_that_asks_for_hours_is_an_error_at_once() {
        let hash = PasswordHash::of(&password("right")).await.unwrap();
        for costly in [
            "m=4194304,t=2,p=1",
            "m=19456,t=4294967295,p=1",
            "m=19456,t=2,p=255",
        ] {
            let costly = hash.as_str().replace("m=19456,t=2,p=1", costly);
            let costly = Some(PasswordHash::stored(costly));
            assert!(
                PasswordHash::verify(costly, &password("right"))
                    .await
                    .is_err()
            );
        }
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
        for text in ["", "!", "$argon2id$v=19$m=19456,t=2,p=1$x"] {
            let damaged = Some(PasswordHash::stored(text.to_owned()));
            assert!(PasswordHash::verify(damaged, &password("x")).await.is_err());
        }
    }
}
