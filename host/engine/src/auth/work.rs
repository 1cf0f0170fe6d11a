//! A login costs one hashing, whoever it is for: the work is counted, no time is measured.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mini_llm_chat_sandbox::contract::Access;
use secrecy::SecretString;

use super::{AccountName, Actor, Gate, LoginRefused, NewUser, Password};
use crate::audit::FileTrail;
use crate::keys::Keys;
use crate::log::{Destination, Format, Level, Log, LogConfig};
use crate::secrets::Secrets;
use crate::storage::{Location, Store, open};

/// Computations of argon2 in this process, by password: tests run beside each other.
static COMPUTATIONS: Mutex<BTreeMap<Vec<u8>, u32>> = Mutex::new(BTreeMap::new());

pub(super) fn count(password: &Password) {
    let mut all = COMPUTATIONS.lock().unwrap();
    *all.entry(password.bytes().to_vec()).or_default() += 1;
}

fn computed(password: &Password) -> u32 {
    let all = COMPUTATIONS.lock().unwrap();
    all.get(password.cut().bytes()).copied().unwrap_or_default()
}

fn secret(text: &str) -> Password {
    Password::new(&SecretString::from(text))
}

async fn gate(home: &Path) -> Gate {
    let log = LogConfig {
        level: Level::Error,
        targets: Vec::new(),
        format: Format::Text,
        destination: Destination::File {
            path: home.join("log"),
            max_bytes: 1 << 20,
            generations: 1,
        },
    };
    let log = Log::start(&log, Secrets::new()).unwrap();
    let trail = FileTrail::open(&home.join("audit"), log).unwrap();
    let file = Location::File(home.join("data/chat.db"));
    let store: Arc<dyn Store> = Arc::new(open(&file, Duration::from_secs(5)).await.unwrap());
    let keys = Arc::new(Keys::random().unwrap());
    Gate::new(store, Arc::new(trail), keys, Duration::from_secs(3600))
}

fn new(name: &str, access: Access) -> NewUser {
    NewUser {
        name: AccountName::new(name).unwrap(),
        email: String::new(),
        access,
        password: secret("copper-lantern-otter-work"),
    }
}

#[tokio::test]
async fn every_login_that_is_not_delayed_costs_one_hashing() {
    let home = tempfile::tempdir().unwrap();
    let gate = gate(home.path()).await;
    gate.set_up_admin(&new("root", Access::Admin))
        .await
        .unwrap();
    for name in ["anna", "ben"] {
        let new = new(name, Access::User);
        gate.add_user(Actor::Operator, &new).await.unwrap();
    }
    let ben = gate.find_user("ben").await.unwrap();
    gate.disable(Actor::Operator, &ben).await.unwrap();
    let huge = "velvet-harbour-work-".repeat(100);
    let far_too_huge = "velvet-harbour-work-".repeat(1_000);
    // An account, a disabled one, none, and what can be no name.
    let no_name = "x".repeat(1_000);
    for (at, name) in ["anna", "ben", "nobody", "", "two words", &no_name]
        .into_iter()
        .enumerate()
    {
        let wrong = format!("velvet-harbour-work-{at}");
        for password in [wrong.as_str(), &format!("{huge}{at}"), &far_too_huge] {
            // Counted by what is hashed, which for a huge one is the same beginning.
            let password = secret(password);
            let before = computed(&password);
            let refused = gate.log_in(name, &password).await;
            assert!(matches!(refused, Err(LoginRefused::Wrong)), "{name:?}");
            assert_eq!(computed(&password), before + 1, "{name:?}");
        }
    }
    let right = secret("copper-lantern-otter-work");
    let before = computed(&right);
    gate.log_in("root", &right).await.unwrap();
    assert_eq!(computed(&right), before + 1);
}
