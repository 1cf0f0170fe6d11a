//! Limits on tokens, and on all users together: the same decisions wherever the log is kept, and exact among processes.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::print_stdout,
    reason = "a child tells its parent what was granted"
)]

mod storage;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mini_llm_chat_engine::clock::Clock;
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::limit::{
    DatabaseLimiter, MemoryLimiter, Quotas, RateLimiter, RedisLimiter, Take, Window,
};
use mini_llm_chat_engine::shared::{Address, Link};
use mini_llm_chat_engine::storage::postgres;
use mini_llm_chat_engine::storage::{Location, Store, open};
use proptest::prelude::*;
use test_servers::{Postgres, Redis};

const START: i64 = 1_700_000_000_000;
/// After so long nothing of a trace is in any log.
const LATER: i64 = 3 * 86_400_000;
/// What a child asks, and for whom.
const WHERE: &str = "QUOTA_TEST_WHERE";
const USER: &str = "QUOTA_TEST_USER";

/// Long enough that no call leaves it.
const DAY: Window = Window {
    max_calls: 1_000,
    seconds: 86_400,
};

const OVERALL: Quotas = Quotas {
    tokens: None,
    overall_calls: None,
    overall_tokens: Some(5_000),
};

/// A store with two users.
#[derive(Clone)]
struct Shelf {
    store: Arc<dyn Store>,
    users: [UserId; 2],
}

async fn open_file(path: &Path) -> Arc<dyn Store> {
    let location = Location::File(path.to_owned());
    Arc::new(open(&location, Duration::from_secs(30)).await.unwrap())
}

async fn sqlite(path: &Path) -> Shelf {
    let store = open_file(path).await;
    let owner = store.local_user("owner").await.unwrap().id;
    let second = UserId::new();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let added = sqlx::query(
        "INSERT INTO users (id, kind, name, created_at) VALUES (?, 'account', 'second', 0)",
    );
    let added = added.bind(second.to_string()).execute(&pool).await;
    added.unwrap();
    pool.close().await;
    Shelf {
        store,
        users: [owner, second],
    }
}

/// With the name of its database.
async fn postgres() -> (Shelf, String) {
    let (server, name) = (Postgres::shared(), storage::postgres::database().await);
    let second = UserId::new();
    let added =
        format!("INSERT INTO users (id, name, created_at) VALUES ('{second}', 'second', 0)");
    server.execute(&name, &added).unwrap();
    let shelf = Shelf {
        store: open_postgres(&name).await,
        users: [storage::postgres::account(), second],
    };
    (shelf, name)
}

async fn open_postgres(name: &str) -> Arc<dyn Store> {
    let url = storage::postgres::address(Postgres::shared(), name);
    let limits = storage::postgres::limits();
    Arc::new(postgres::open(&url, limits).await.unwrap())
}

async fn redis_link(url: &str) -> Link {
    Link::open(Address::parse(url).unwrap()).await
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Of which user, and how many tokens.
    Reserve(bool, u64),
    /// Which of the calls that run, and what it used.
    Settle(prop::sample::Index, u64),
    GiveBack(prop::sample::Index),
    Look(bool),
    Pass(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<prop::sample::Index>;
    let step = prop_oneof![
        6 => (any::<bool>(), 0_u64..150).prop_map(|(user, tokens)| Step::Reserve(user, tokens)),
        3 => (index(), 0_u64..150).prop_map(|(call, tokens)| Step::Settle(call, tokens)),
        1 => index().prop_map(Step::GiveBack),
        1 => any::<bool>().prop_map(Step::Look),
        4 => (-1_500_i64..4_000).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 0..50)
}

fn quotas() -> impl Strategy<Value = Quotas> {
    let some = |most: std::ops::Range<u64>| prop::option::of(most);
    (some(1..300), some(1..8), some(1..500)).prop_map(|(tokens, overall_calls, overall_tokens)| {
        Quotas {
            tokens,
            overall_calls,
            overall_tokens,
        }
    })
}

/// What a limiter decides on a trace, as text.
async fn decisions(
    limiter: &dyn RateLimiter,
    users: [UserId; 2],
    hand: &AtomicI64,
    steps: &[Step],
) -> Vec<String> {
    let (mut all, mut running) = (Vec::new(), Vec::new());
    for step in steps {
        match *step {
            Step::Pass(milliseconds) => {
                hand.fetch_add(milliseconds, Ordering::Relaxed);
            }
            Step::Look(user) => {
                let user = users[usize::from(user)];
                let state = limiter.state(user).await.unwrap();
                let beside = limiter.allowances(user).await.unwrap();
                all.push(format!("{state:?} {beside:?}"));
            }
            Step::Reserve(user, tokens) => {
                let user = users[usize::from(user)];
                match limiter.reserve(user, tokens).await.unwrap() {
                    Take::Wait { seconds, limit } => {
                        all.push(format!("wait {seconds} for {limit}"))
                    }
                    Take::Granted(ticket) => {
                        all.push("granted".to_owned());
                        running.push((user, ticket));
                    }
                }
            }
            Step::Settle(which, tokens) if !running.is_empty() => {
                let (user, ticket) = running.remove(which.index(running.len()));
                limiter.settle(user, ticket, tokens).await.unwrap();
            }
            Step::GiveBack(which) if !running.is_empty() => {
                let (user, ticket) = running.remove(which.index(running.len()));
                limiter.give_back(user, ticket).await.unwrap();
            }
            Step::Settle(..) | Step::GiveBack(_) => {}
        }
    }
    all
}

#[test]
fn all_places_decide_alike() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let server = Redis::start(&[]).unwrap();
    let (file, rows, link) = runtime.block_on(async {
        let file = sqlite(&directory.path().join("chat.db")).await;
        (file, postgres().await.0, redis_link(&server.url()).await)
    });
    let hand = Arc::new(AtomicI64::new(START));
    let reader = Arc::clone(&hand);
    let clock = Clock::new(move || reader.load(Ordering::Relaxed));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(40)
    });
    let cases = (steps(), quotas(), 1_u32..6, 1_u32..10);
    let alike = |(steps, quotas, max_calls, seconds): (Vec<Step>, Quotas, u32, u32)| {
        let window = Window { max_calls, seconds };
        let database = |shelf: &Shelf| -> Box<dyn RateLimiter> {
            let limiter = DatabaseLimiter::new(shelf.store.clone(), window, clock.clone());
            Box::new(limiter.with(quotas))
        };
        let memory = MemoryLimiter::new(window, clock.clone()).with(quotas);
        // Nothing to fall back to: a question without an answer fails the test.
        let redis = RedisLimiter::new(link.clone(), window, None);
        let redis = redis.with(quotas).by_clock(clock.clone());
        let places = [
            (database(&file), file.users),
            (database(&rows), rows.users),
            (Box::new(memory), file.users),
            (Box::new(redis), file.users),
        ];
        let start = hand.fetch_add(LATER, Ordering::Relaxed) + LATER;
        let mut decided = Vec::new();
        for (limiter, users) in &places {
            hand.store(start, Ordering::Relaxed);
            let made = decisions(limiter.as_ref(), *users, &hand, &steps);
            decided.push(runtime.block_on(made));
        }
        for other in &decided[1..] {
            prop_assert_eq!(&decided[0], other);
        }
        Ok(())
    };
    // A clock that was set back, noticed by a reservation of somebody else.
    let noticed_by_another = vec![
        Step::Reserve(false, 4),
        Step::Pass(-397),
        Step::Reserve(true, 0),
        Step::Look(false),
        Step::Pass(3000),
        Step::Look(false),
        Step::Reserve(false, 41),
    ];
    let all_once = Quotas {
        tokens: Some(1),
        overall_calls: Some(1),
        overall_tokens: None,
    };
    alike((noticed_by_another, all_once, 1, 3)).unwrap();
    runner.run(&cases, alike).unwrap();
}

fn child(place: &str, user: UserId) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "child_reserves_all_it_gets",
            "--ignored",
            "--nocapture",
        ])
        .env(WHERE, place)
        .env(USER, user.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "run by the other tests as a child process"]
async fn child_reserves_all_it_gets() {
    let (Ok(place), Ok(user)) = (std::env::var(WHERE), std::env::var(USER)) else {
        return;
    };
    let database = |store| -> Box<dyn RateLimiter> {
        Box::new(DatabaseLimiter::new(store, DAY, Clock::wall()).with(OVERALL))
    };
    let limiter = match place.split_once('|').unwrap() {
        ("file", path) => database(open_file(Path::new(path)).await),
        ("postgres", url) => {
            let url = postgres::PostgresUrl::parse(url).unwrap();
            let store = postgres::open(&url, storage::postgres::limits()).await;
            database(Arc::new(store.unwrap()))
        }
        (_, url) => Box::new(RedisLimiter::new(redis_link(url).await, DAY, None).with(OVERALL)),
    };
    let (user, mut granted) = (user.parse().unwrap(), 0);
    while let Take::Granted(_) = limiter.reserve(user, 100).await.unwrap() {
        granted += 1;
    }
    println!("granted:{granted}");
}

/// Two processes of each user, all at once.
fn reserved(place: &str, users: [UserId; 2]) -> u32 {
    let [one, two] = users;
    let children = [one, two, one, two].map(|user| child(place, user));
    let counts = children.map(|child| {
        let out = child.wait_with_output().unwrap().stdout;
        let text = String::from_utf8(out).unwrap();
        let line = text.lines().find_map(|line| line.split_once("granted:"));
        line.unwrap().1.parse::<u32>().unwrap()
    });
    counts.iter().sum()
}

#[tokio::test]
async fn processes_of_several_users_together_get_exactly_the_tokens_of_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("chat.db");
    let file = sqlite(&path).await;
    assert_eq!(
        reserved(&format!("file|{}", path.display()), file.users),
        50
    );
    let (rows, name) = postgres().await;
    let url = Postgres::shared().url(&name);
    assert_eq!(reserved(&format!("postgres|{url}"), rows.users), 50);
    let server = Redis::start(&[]).unwrap();
    let users = [UserId::new(), UserId::new()];
    assert_eq!(reserved(&format!("redis|{}", server.url()), users), 50);
}

#[tokio::test]
async fn what_a_call_used_takes_the_place_of_what_it_reserved() {
    let clock = Clock::new(|| START);
    let quotas = Quotas {
        tokens: Some(100),
        ..Quotas::default()
    };
    let limiter = MemoryLimiter::new(DAY, clock).with(quotas);
    let user = UserId::new();
    let reserve = async |tokens| limiter.reserve(user, tokens).await.unwrap();
    let Take::Granted(first) = reserve(90).await else {
        panic!("nothing was granted")
    };
    assert!(matches!(reserve(11).await, Take::Wait { .. }));
    limiter.settle(user, first, 10).await.unwrap();
    let Take::Granted(second) = reserve(90).await else {
        panic!("nothing was granted")
    };
    // More than was reserved counts too.
    limiter.settle(user, second, 500).await.unwrap();
    assert_eq!(limiter.allowances(user).await.unwrap()[0].used, 510);
}
