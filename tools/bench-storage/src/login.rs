//! Logging in against the hashing of a password alone, and a name that is an account against one that is none.

use std::hint::black_box;

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use mini_llm_chat_engine::auth::Password;
use secrecy::SecretString;

use crate::figures::{Samples, beside, milliseconds, row};
use crate::place::{NAME, Place, password};

const ROUNDS: usize = 41;

pub(crate) async fn measure(place: &Place) {
    let wrong = Password::new(&SecretString::from("velvet-harbour-anvil-72"));
    let [mut logins, mut hashes, mut known, mut unknown] = [(); 4].map(|()| Samples::default());
    for round in 0..=ROUNDS {
        let name = format!("nobody{round}");
        let (hash, ()) = milliseconds(bare_hash()).await;
        // A login that is right forgets the wrong one before, so that none is delayed.
        let (known_took, refused) = milliseconds(place.gate.log_in(NAME, &wrong)).await;
        assert!(refused.is_err());
        let (unknown_took, refused) = milliseconds(place.gate.log_in(&name, &wrong)).await;
        assert!(refused.is_err());
        let (login, entered) = milliseconds(place.gate.log_in(NAME, &password())).await;
        assert!(entered.is_ok());
        if round > 0 {
            logins.add(login);
            hashes.add(hash);
            known.add(known_took);
            unknown.add(unknown_took);
        }
    }
    row(
        &format!("login: {}", place.name),
        &logins,
        &hashes,
        "argon2id and little else",
    );
    beside(
        &format!("wrong password, against no such account: {}", place.name),
        &known,
        &unknown,
        "they overlap",
    );
}

/// With OWASP's parameters, as the program has them.
async fn bare_hash() {
    let hash = || {
        let params = Params::new(19 * 1024, 2, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        black_box(argon2.hash_password(b"velvet-harbour-anvil-72").unwrap());
    };
    tokio::task::spawn_blocking(hash).await.unwrap();
}
