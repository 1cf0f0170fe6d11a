//! Accounts, tokens and failed logins.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::auth::{
    AccountName, Actor, AdminSetUp, Gate, LoginRefused, NewUser, Operation, Password, Token,
};
use mini_llm_chat_engine::keys::{Keys, Purpose};
use mini_llm_chat_engine::session::Session;
use mini_llm_chat_engine::storage::{Account, Store, UserKind, check_keys};
use mini_llm_chat_sandbox::contract::Access;
use secrecy::SecretString;
use std::sync::Arc;

use super::recorder::Recorder;

const LONG: &str = "copper-lantern-otter-39";
const OTHER: &str = "velvet-harbour-anvil-72";

struct Place {
    gate: Gate,
    trail: Arc<Recorder>,
    keys: Arc<Keys>,
}

fn place(store: &Arc<dyn Store>) -> Place {
    let (trail, keys) = (
        Arc::<Recorder>::default(),
        Arc::new(Keys::random().unwrap()),
    );
    let lifetime = Duration::from_secs(3600);
    let gate = Gate::new(store.clone(), trail.clone(), keys.clone(), lifetime);
    Place { gate, trail, keys }
}

fn secret(text: &str) -> Password {
    Password::new(&SecretString::from(text))
}

fn new(name: &str, access: Access) -> NewUser {
    NewUser {
        name: AccountName::new(name).unwrap(),
        email: String::new(),
        access,
        password: secret(LONG),
    }
}

async fn admin(place: &Place) -> Account {
    match place
        .gate
        .set_up_admin(&new("root", Access::Admin))
        .await
        .unwrap()
    {
        AdminSetUp::Created(account) | AdminSetUp::Adopted(account) => account,
        reset @ AdminSetUp::Reset(..) => unreachable!("{reset:?}"),
    }
}

async fn user(place: &Place, by: &Account, name: &str) -> Account {
    let new = new(name, Access::User);
    place.gate.add_user(Actor::User(by.id), &new).await.unwrap()
}

async fn log_in(place: &Place, store: &Arc<dyn Store>, name: &str) -> (Token, Session) {
    let (token, login) = place.gate.log_in(name, &secret(LONG)).await.unwrap();
    let account = login.account;
    let current = store.current(account.id).await.unwrap().id;
    let session = Session::new(account.id, account.name, account.access, current);
    (token, session.with_token(login.token))
}

pub(crate) async fn a_login_gives_a_token_that_names_the_account(store: &Arc<dyn Store>) {
    let place = place(store);
    assert!(!store.has_accounts().await.unwrap());
    let made = admin(&place).await;
    assert!(store.has_accounts().await.unwrap());
    let (token, session) = log_in(&place, store, "ROOT").await;
    let login = place.gate.enter(&token).await.unwrap();
    assert_eq!((login.account.id, session.user()), (made.id, made.id));
    assert_eq!(login.account.access, Access::Admin);
    assert!(login.account.last_login.is_some());
    place.gate.check(&session).await.unwrap();
    place
        .gate
        .permit(&session, Operation::UsersAdd)
        .await
        .unwrap();
    assert_eq!(place.trail.take_names(), ["user-created", "logged-in"]);
    assert_eq!(store.user(made.id).await.unwrap().kind, UserKind::Account);
}

pub(crate) async fn a_wrong_name_and_a_wrong_password_are_told_alike(store: &Arc<dyn Store>) {
    let place = place(store);
    admin(&place).await;
    let mut said = Vec::new();
    for (name, password) in [
        ("root", OTHER),
        ("nobody", LONG),
        ("no such name'; --", LONG),
        ("", LONG),
        ("root\0", ""),
    ] {
        let refused = place
            .gate
            .log_in(name, &secret(password))
            .await
            .unwrap_err();
        said.push(refused.to_string());
    }
    let huge = "x".repeat(1_000_000);
    let refused = place.gate.log_in(&huge, &secret(&huge)).await.unwrap_err();
    said.push(refused.to_string());
    said.dedup();
    assert_eq!(said, ["the user name or the password is wrong"]);
    let events = place.trail.take_names();
    assert!(
        events[1..].iter().all(|event| event == "login-failed"),
        "{events:?}"
    );
}

pub(crate) async fn failed_logins_wait_also_for_names_that_are_none(store: &Arc<dyn Store>) {
    let place = place(store);
    admin(&place).await;
    for name in ["root", "nobody"] {
        for _ in 0..3 {
            let refused = place.gate.log_in(name, &secret(OTHER)).await.unwrap_err();
            assert!(matches!(refused, LoginRefused::Wrong), "{name}: {refused}");
        }
        // Also with the right password, and for another case of the name.
        let refused = place.gate.log_in(&name.to_uppercase(), &secret(LONG)).await;
        assert!(matches!(refused, Err(LoginRefused::Delayed(1))), "{name}");
    }
    assert!(
        place
            .trail
            .take_names()
            .contains(&"login-delayed".to_owned())
    );
}

pub(crate) async fn many_tries_at_once_are_counted_each(store: &Arc<dyn Store>) {
    let place = Arc::new(place(store));
    admin(&place).await;
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let place = place.clone();
            tokio::spawn(async move { place.gate.log_in("root", &secret(OTHER)).await })
        })
        .collect();
    let mut judged = 0;
    for tried in tries {
        if matches!(tried.await.unwrap(), Err(LoginRefused::Wrong)) {
            judged += 1;
        }
    }
    assert_eq!(judged, 3);
}

pub(crate) async fn names_that_are_or_look_the_same_are_refused(store: &Arc<dyn Store>) {
    let place = place(store);
    let root = admin(&place).await;
    user(&place, &root, "aca").await;
    // The last one is Cyrillic throughout.
    for name in ["ACA", "aca", "ＡＣＡ", "аса"] {
        let added = place
            .gate
            .add_user(Actor::User(root.id), &new(name, Access::User))
            .await;
        assert!(matches!(added, Err(EngineError::Conflict(_))), "{name}");
    }
    assert_eq!(store.accounts(None, 100).await.unwrap().len(), 2);
}

pub(crate) async fn bad_passwords_change_nothing(store: &Arc<dyn Store>) {
    let place = place(store);
    let root = admin(&place).await;
    for password in ["", "short", "password1234", &"x".repeat(1025)] {
        let mut bad = new("anna", Access::User);
        bad.password = secret(password);
        let added = place.gate.add_user(Actor::User(root.id), &bad).await;
        assert!(matches!(added, Err(EngineError::Invalid(_))));
        let by = Actor::User(root.id);
        let changed = place
            .gate
            .change_password(by, &root, &secret(password))
            .await;
        assert!(matches!(changed, Err(EngineError::Invalid(_))));
    }
    assert_eq!(store.accounts(None, 100).await.unwrap().len(), 1);
    log_in(&place, store, "root").await;
}

pub(crate) async fn logging_out_ends_one_session(store: &Arc<dyn Store>) {
    let place = place(store);
    admin(&place).await;
    let (first, session) = log_in(&place, store, "root").await;
    let (second, _) = log_in(&place, store, "root").await;
    place.gate.log_out(&session).await.unwrap();
    assert!(matches!(
        place.gate.enter(&first).await,
        Err(LoginRefused::Token(_))
    ));
    assert!(matches!(
        place.gate.check(&session).await,
        Err(LoginRefused::Token(_))
    ));
    let turn = place.gate.permit(&session, Operation::Turn).await;
    assert!(matches!(turn, Err(EngineError::SessionEnded(_))));
    place.gate.enter(&second).await.unwrap();
}

pub(crate) async fn every_change_of_an_account_ends_its_sessions(store: &Arc<dyn Store>) {
    let place = place(store);
    let root = admin(&place).await;
    let by = Actor::User(root.id);
    let gate = &place.gate;
    for (change, name) in ["role", "disable", "password", "delete", "own"]
        .iter()
        .zip(["a1", "b2", "c3", "d4", "e5"])
    {
        let account = user(&place, &root, name).await;
        let (token, session) = log_in(&place, store, name).await;
        match *change {
            "role" => gate.set_role(by, &account, Access::Admin).await.unwrap(),
            "disable" => gate.disable(by, &account).await.unwrap(),
            "password" => {
                assert_eq!(
                    gate.change_password(by, &account, &secret(OTHER))
                        .await
                        .unwrap(),
                    1
                );
            }
            "delete" => gate.delete(by, &account).await.unwrap(),
            _ => {
                let wrong = gate
                    .change_own_password(&session, &secret(OTHER), &secret(OTHER))
                    .await;
                assert!(matches!(wrong, Err(EngineError::Invalid(_))));
                gate.check(&session).await.unwrap();
                gate.change_own_password(&session, &secret(LONG), &secret(OTHER))
                    .await
                    .unwrap();
            }
        }
        assert!(gate.enter(&token).await.is_err(), "{change}");
        assert!(gate.check(&session).await.is_err(), "{change}");
        assert!(
            gate.permit(&session, Operation::Turn).await.is_err(),
            "{change}"
        );
    }
    // Who is locked out learns it only with the right password.
    assert!(matches!(
        gate.log_in("b2", &secret(LONG)).await,
        Err(LoginRefused::Disabled)
    ));
    assert!(matches!(
        gate.log_in("b2", &secret(OTHER)).await,
        Err(LoginRefused::Wrong)
    ));
    gate.enable(by, &gate.find_user("b2").await.unwrap())
        .await
        .unwrap();
    log_in(&place, store, "b2").await;
    gate.log_in("e5", &secret(OTHER)).await.unwrap();
    let events = place.trail.take_names();
    for name in [
        "role-changed",
        "user-disabled",
        "password-changed",
        "user-deleted",
        "tokens-revoked",
        "user-enabled",
    ] {
        assert!(
            events.iter().any(|event| event == name),
            "{name}: {events:?}"
        );
    }
}

pub(crate) async fn the_last_active_administrator_stays(store: &Arc<dyn Store>) {
    let place = place(store);
    let root = admin(&place).await;
    let by = Actor::User(root.id);
    let gate = &place.gate;
    user(&place, &root, "anna").await;
    let refused = |result: Result<(), EngineError>| matches!(result, Err(EngineError::Conflict(_)));
    assert!(refused(gate.set_role(by, &root, Access::User).await));
    assert!(refused(gate.disable(by, &root).await));
    assert!(refused(gate.delete(by, &root).await));
    // A disabled administrator does not count.
    let second = gate
        .add_user(by, &new("second", Access::Admin))
        .await
        .unwrap();
    gate.disable(by, &second).await.unwrap();
    assert!(refused(gate.disable(by, &root).await));
    gate.enable(by, &second).await.unwrap();
    gate.set_role(by, &root, Access::User).await.unwrap();
    assert!(refused(gate.delete(by, &second).await));
}

pub(crate) async fn two_administrators_cannot_remove_each_other(store: &Arc<dyn Store>) {
    let place = Arc::new(place(store));
    let root = admin(&place).await;
    let by = Actor::User(root.id);
    let second = place
        .gate
        .add_user(by, &new("second", Access::Admin))
        .await
        .unwrap();
    let removals: Vec<_> = [root, second]
        .into_iter()
        .map(|account| {
            let place = place.clone();
            tokio::spawn(async move { place.gate.disable(by, &account).await.is_ok() })
        })
        .collect();
    let mut done = 0;
    for removal in removals {
        done += usize::from(removal.await.unwrap());
    }
    assert_eq!(done, 1);
}

pub(crate) async fn setting_up_resets_an_administrator_and_promotes_nobody(store: &Arc<dyn Store>) {
    let place = place(store);
    let root = admin(&place).await;
    let (token, _) = log_in(&place, store, "root").await;
    user(&place, &root, "anna").await;
    let refused = place.gate.set_up_admin(&new("Anna", Access::Admin)).await;
    assert!(matches!(refused, Err(EngineError::Conflict(_))));
    assert_eq!(
        place.gate.find_user("anna").await.unwrap().access,
        Access::User
    );
    let mut again = new("root", Access::Admin);
    again.password = secret(OTHER);
    let reset = place.gate.set_up_admin(&again).await.unwrap();
    assert!(matches!(reset, AdminSetUp::Reset(account, 1) if account.id == root.id));
    assert!(place.gate.enter(&token).await.is_err());
    place.gate.log_in("root", &secret(OTHER)).await.unwrap();
}

pub(crate) async fn the_owner_becomes_the_administrator_with_everything(store: &Arc<dyn Store>) {
    let place = place(store);
    let (owner, conversation) = super::start(&**store).await;
    let current = conversation;
    let session = Session::new(owner, "owner".to_owned(), Access::Admin, current);
    place.gate.check(&session).await.unwrap();
    let added = place
        .gate
        .add_user(Actor::User(owner), &new("anna", Access::User))
        .await;
    assert!(matches!(added, Err(EngineError::Conflict(_))));
    let adopted = place
        .gate
        .set_up_admin(&new("root", Access::Admin))
        .await
        .unwrap();
    assert!(matches!(&adopted, AdminSetUp::Adopted(account) if account.id == owner));
    assert!(matches!(
        store.local_user("owner").await,
        Err(EngineError::Conflict(_))
    ));
    let kept = store.list(owner, None, 10).await.unwrap();
    assert_eq!(
        kept.iter().map(|kept| kept.id).collect::<Vec<_>>(),
        [conversation]
    );
    // The session of before ends: from now on a login is needed.
    let fresh = Session::new(owner, "owner".to_owned(), Access::Admin, conversation);
    assert!(matches!(
        place.gate.check(&fresh).await,
        Err(LoginRefused::Adopted)
    ));
    log_in(&place, store, "root").await;
}

pub(crate) async fn accounts_are_listed_in_pages_by_name(store: &Arc<dyn Store>) {
    let place = place(store);
    let root = admin(&place).await;
    for name in ["b", "a", "c"] {
        user(&place, &root, &format!("{name}-user")).await;
    }
    let names = |page: Vec<Account>| {
        page.into_iter()
            .map(|account| account.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(store.accounts(None, 2).await.unwrap()),
        ["a-user", "b-user"]
    );
    let rest = store.accounts(Some("b-user"), 10).await.unwrap();
    assert_eq!(names(rest), ["c-user", "root"]);
}

pub(crate) async fn deleting_an_account_deletes_what_is_theirs(store: &Arc<dyn Store>) {
    let place = place(store);
    let root = admin(&place).await;
    let anna = user(&place, &root, "anna").await;
    let conversation = store.current(anna.id).await.unwrap().id;
    place
        .gate
        .delete(Actor::User(root.id), &anna)
        .await
        .unwrap();
    assert!(matches!(
        store.user(anna.id).await,
        Err(EngineError::NotFound { .. })
    ));
    assert!(store.conversation(anna.id, conversation).await.is_err());
    let again = place.gate.delete(Actor::User(root.id), &anna).await;
    assert!(matches!(again, Err(EngineError::NotFound { .. })));
}

pub(crate) async fn expired_tokens_are_not_believed(store: &Arc<dyn Store>) {
    let place = place(store);
    admin(&place).await;
    let (token, session) = log_in(&place, store, "root").await;
    let login = place.gate.enter(&token).await.unwrap();
    let later = login
        .expires
        .checked_add(SignedDuration::from_secs(1))
        .unwrap();
    let id = session.token().unwrap();
    assert!(
        store
            .token_holder(id, Timestamp::now())
            .await
            .unwrap()
            .is_some()
    );
    assert!(store.token_holder(id, later).await.unwrap().is_none());
}

pub(crate) async fn keys_become_known_once_and_others_are_refused(store: &Arc<dyn Store>) {
    let place = place(store);
    let now = Timestamp::now();
    check_keys(&**store, &place.keys, now).await.unwrap();
    check_keys(&**store, &place.keys, now).await.unwrap();
    let others = Keys::random().unwrap();
    let refused = check_keys(&**store, &others, now).await.unwrap_err();
    let said = refused.to_string();
    assert!(matches!(refused, EngineError::KeyUnknown { .. }), "{said}");
    assert!(said.contains("keys accept token"), "{said}");
    for purpose in Purpose::ALL {
        let id = others.ring(purpose).current().id();
        store.accept_key(purpose, id, true, now).await.unwrap();
        assert!(!store.known_keys(purpose).await.unwrap().contains(&id));
        store.accept_key(purpose, id, false, now).await.unwrap();
    }
    check_keys(&**store, &others, now).await.unwrap();
    check_keys(&**store, &place.keys, now).await.unwrap();
}
