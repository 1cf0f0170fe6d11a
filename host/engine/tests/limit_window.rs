//! The sliding window: exact, and the same wherever its log is kept: database, process, Redis.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mini_llm_chat_engine::clock::Clock;
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::limit::{
    DatabaseLimiter, Limit, MemoryLimiter, RateLimiter, Take, Window,
};
use mini_llm_chat_engine::storage::{Location, Store, open};
use proptest::prelude::*;
#[cfg(unix)]
use {
    mini_llm_chat_engine::limit::RedisLimiter,
    mini_llm_chat_engine::shared::{Address, Link},
    std::sync::LazyLock,
    test_servers::Redis,
};

/// A clock that stands until it is turned.
fn clock() -> (Arc<AtomicI64>, Clock) {
    let hand = Arc::new(AtomicI64::new(1_700_000_000_000));
    let reader = Arc::clone(&hand);
    (hand, Clock::new(move || reader.load(Ordering::Relaxed)))
}

struct Everywhere {
    hand: Arc<AtomicI64>,
    user: UserId,
    limiters: Vec<Box<dyn RateLimiter>>,
}

async fn everywhere(window: Window) -> Everywhere {
    let (hand, clock) = clock();
    let store: Arc<dyn Store> = Arc::new(
        open(&Location::Memory, Duration::from_secs(5))
            .await
            .unwrap(),
    );
    let user = store.local_user("owner").await.unwrap().id;
    let database = DatabaseLimiter::new(store, window, clock.clone());
    Everywhere {
        hand,
        user,
        limiters: vec![
            Box::new(database),
            Box::new(MemoryLimiter::new(window, clock.clone())),
            #[cfg(unix)]
            Box::new(redis(window, clock).await),
        ],
    }
}

/// One server for all tests here: every test has users of its own.
#[cfg(unix)]
async fn redis(window: Window, clock: Clock) -> RedisLimiter {
    static REDIS: LazyLock<Redis> = LazyLock::new(|| Redis::start(&[]).unwrap());
    let link = Link::open(Address::parse(&REDIS.url()).unwrap()).await;
    // Nothing to fall back to: a question without an answer fails the test.
    RedisLimiter::new(link, window, None).by_clock(clock)
}

fn wait(seconds: u32) -> Take {
    let limit = Limit::Calls;
    Take::Wait { seconds, limit }
}

async fn granted(limiter: &dyn RateLimiter, user: UserId) -> bool {
    matches!(limiter.take(user).await.unwrap(), Take::Granted(_))
}

#[tokio::test]
async fn a_call_frees_exactly_when_it_leaves_the_window() {
    let all = everywhere(Window {
        max_calls: 2,
        seconds: 60,
    })
    .await;
    for limiter in &all.limiters {
        let limiter = limiter.as_ref();
        all.hand.store(1_700_000_000_000, Ordering::Relaxed);
        assert!(granted(limiter, all.user).await);
        all.hand.fetch_add(30_000, Ordering::Relaxed);
        assert!(granted(limiter, all.user).await);
        assert_eq!(limiter.take(all.user).await.unwrap(), wait(30));
        all.hand.fetch_add(29_999, Ordering::Relaxed);
        assert_eq!(limiter.take(all.user).await.unwrap(), wait(1));
        all.hand.fetch_add(1, Ordering::Relaxed);
        assert!(granted(limiter, all.user).await);
        assert!(!granted(limiter, all.user).await);
    }
}

#[tokio::test]
async fn a_ticket_given_back_does_not_count() {
    let all = everywhere(Window {
        max_calls: 1,
        seconds: 60,
    })
    .await;
    for limiter in &all.limiters {
        let Take::Granted(ticket) = limiter.take(all.user).await.unwrap() else {
            panic!("no call was left")
        };
        assert_eq!(limiter.state(all.user).await.unwrap().calls_left, 0);
        limiter.give_back(all.user, ticket).await.unwrap();
        let state = limiter.state(all.user).await.unwrap();
        assert_eq!((state.calls_left, state.frees_in), (1, None));
        assert!(granted(limiter.as_ref(), all.user).await);
    }
}

#[tokio::test]
async fn a_clock_set_back_blocks_for_one_window_at_most() {
    let all = everywhere(Window {
        max_calls: 1,
        seconds: 60,
    })
    .await;
    for limiter in &all.limiters {
        all.hand.store(1_700_000_000_000, Ordering::Relaxed);
        assert!(granted(limiter.as_ref(), all.user).await);
        all.hand.fetch_sub(86_400_000, Ordering::Relaxed);
        assert_eq!(limiter.take(all.user).await.unwrap(), wait(60));
        all.hand.fetch_add(60_000, Ordering::Relaxed);
        assert!(granted(limiter.as_ref(), all.user).await);
    }
}

#[tokio::test]
async fn a_lowered_limit_counts_what_was_used_before() {
    let (hand, clock) = clock();
    let store: Arc<dyn Store> = Arc::new(
        open(&Location::Memory, Duration::from_secs(5))
            .await
            .unwrap(),
    );
    let user = store.local_user("owner").await.unwrap().id;
    let limiter = |max_calls, seconds| {
        DatabaseLimiter::new(
            Arc::clone(&store),
            Window { max_calls, seconds },
            clock.clone(),
        )
    };
    for _ in 0..3 {
        assert!(granted(&limiter(3, 60), user).await);
        hand.fetch_add(10_000, Ordering::Relaxed);
    }
    // The third oldest has to leave: it was made 10 s ago.
    assert_eq!(limiter(1, 60).take(user).await.unwrap(), wait(50));
    // A short window in between erases nothing that a longer one counts.
    assert!(granted(&limiter(1, 5), user).await);
    assert_eq!(limiter(3, 60).state(user).await.unwrap().calls_left, 0);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Take,
    TakeAndGiveBack,
    Look,
    Pass(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Take),
        1 => Just(Step::TakeAndGiveBack),
        1 => Just(Step::Look),
        4 => (-2_000_i64..6_000).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 0..60)
}

/// What a limiter decides on a trace, as text.
async fn decisions(
    limiter: &dyn RateLimiter,
    user: UserId,
    hand: &AtomicI64,
    steps: &[Step],
) -> Vec<String> {
    hand.store(1_700_000_000_000, Ordering::Relaxed);
    let mut all = Vec::new();
    for step in steps {
        match *step {
            Step::Pass(milliseconds) => {
                hand.fetch_add(milliseconds, Ordering::Relaxed);
            }
            Step::Look => all.push(format!("{:?}", limiter.state(user).await.unwrap())),
            Step::Take | Step::TakeAndGiveBack => match limiter.take(user).await.unwrap() {
                Take::Wait { seconds, limit } => all.push(format!("wait {seconds} for {limit}")),
                Take::Granted(ticket) => {
                    all.push("granted".to_owned());
                    if matches!(step, Step::TakeAndGiveBack) {
                        limiter.give_back(user, ticket).await.unwrap();
                    }
                }
            },
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn all_decide_alike(steps in steps(), max_calls in 1_u32..5, seconds in 1_u32..10) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let all = everywhere(Window { max_calls, seconds }).await;
            let mut decided = Vec::new();
            for limiter in &all.limiters {
                decided.push(decisions(limiter.as_ref(), all.user, &all.hand, &steps).await);
            }
            for other in &decided[1..] {
                prop_assert_eq!(&decided[0], other);
            }
            Ok(())
        })?;
    }
}
