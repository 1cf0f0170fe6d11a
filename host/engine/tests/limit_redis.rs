//! The limit in Redis: exact among processes, and what decides while Redis is stopped, hung, full or closed to us.

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

mod shared_support;

use std::process::{Command, Stdio};

use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::limit::{Quotas, RateLimiter, RedisLimiter, Take, Window};
use mini_llm_chat_engine::shared::Trouble;
use shared_support::{database, freeze, granted, link};
use test_servers::Redis;

const URL: &str = "LIMIT_TEST_REDIS";
const USER: &str = "LIMIT_TEST_USER";
const DAY: u32 = 86_400;

/// Long enough that no call leaves it.
const fn window(max_calls: u32) -> Window {
    Window {
        max_calls,
        seconds: DAY,
    }
}

/// A limiter on this server that falls back to a database with other numbers, so that it shows who decided.
async fn falling_back(url: &str) -> (RedisLimiter, UserId) {
    let (database, user) = database(window(7)).await;
    let limiter = RedisLimiter::new(link(url).await, window(3), Some(database));
    (limiter, user)
}

#[tokio::test]
#[ignore = "run by the other tests as a child process"]
async fn child_takes_all_it_gets() {
    let (Ok(url), Ok(user)) = (std::env::var(URL), std::env::var(USER)) else {
        return;
    };
    let limiter = RedisLimiter::new(link(&url).await, window(50), None);
    println!("granted:{}", granted(&limiter, user.parse().unwrap()).await);
}

#[tokio::test]
async fn processes_together_get_exactly_the_limit() {
    let redis = Redis::start(&[]).unwrap();
    let user = UserId::new();
    let children = [(); 4].map(|()| {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "child_takes_all_it_gets",
                "--ignored",
                "--nocapture",
            ])
            .env(URL, redis.url())
            .env(USER, user.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    });
    let counts = children.map(|child| {
        let out = child.wait_with_output().unwrap().stdout;
        let text = String::from_utf8(out).unwrap();
        let line = text.lines().find_map(|line| line.split_once("granted:"));
        line.unwrap().1.parse::<u32>().unwrap()
    });
    assert_eq!(counts.iter().sum::<u32>(), 50, "{counts:?}");
}

#[tokio::test]
async fn while_redis_is_stopped_the_database_decides_and_afterwards_redis_again() {
    let mut redis = Redis::start(&[]).unwrap();
    let link = link(&redis.url()).await;
    let (database, user) = database(window(7)).await;
    let limiter = RedisLimiter::new(link.clone(), window(3), Some(database));
    let Take::Granted(_) = limiter.take(user).await.unwrap() else {
        panic!("nothing was granted")
    };
    assert_eq!(limiter.state(user).await.unwrap().calls_left, 2);
    redis.stop().unwrap();
    let Take::Granted(own) = limiter.take(user).await.unwrap() else {
        panic!("nothing was granted")
    };
    assert_eq!(limiter.state(user).await.unwrap().calls_left, 6);
    assert_eq!(link.trouble(), Some(Trouble::Unreachable));
    // Each call goes back to the log that it stands in.
    limiter.give_back(user, own).await.unwrap();
    assert_eq!(limiter.state(user).await.unwrap().calls_left, 7);
    redis.resume().unwrap();
    link.available().await;
    assert_eq!(limiter.state(user).await.unwrap().calls_left, 3);
}

#[tokio::test]
async fn a_redis_that_hangs_is_asked_once_and_found_again() {
    let mut redis = Redis::start(&[]).unwrap();
    let link = link(&redis.url()).await;
    let (database, user) = database(window(7)).await;
    let limiter = RedisLimiter::new(link.clone(), window(3), Some(database));
    freeze(&mut redis).await;
    assert_eq!(granted(&limiter, user).await, 7);
    assert_eq!(link.trouble(), Some(Trouble::Silent));
    redis.thaw().unwrap();
    link.available().await;
    // What was asked into the silence is answered late and counts: never more than the limit, perhaps one less.
    assert!([2, 3].contains(&granted(&limiter, user).await));
}

#[tokio::test]
async fn a_redis_that_hangs_at_start_is_left_to_itself() {
    let mut redis = Redis::start(&[]).unwrap();
    freeze(&mut redis).await;
    let (limiter, user) = falling_back(&redis.url()).await;
    assert_eq!(granted(&limiter, user).await, 7);
}

#[tokio::test]
async fn a_full_redis_still_limits() {
    let redis = Redis::start(&["--maxmemory", "1", "--maxmemory-policy", "noeviction"]).unwrap();
    let (limiter, user) = falling_back(&redis.url()).await;
    // Servers differ in whether a script that has freed memory may use some: Redis decides, or the database.
    assert!([3, 7].contains(&granted(&limiter, user).await));
}

#[tokio::test]
async fn a_wrong_password_is_named_and_never_shown() {
    let redis = Redis::start(&["--requirepass", "made-up-words"]).unwrap();
    let right = redis.url().replace("redis://", "redis://:made-up-words@");
    let wrong = redis.url().replace("redis://", "redis://:other-words@");
    let (limiter, user) = falling_back(&right).await;
    assert_eq!(granted(&limiter, user).await, 3);
    for url in [wrong, redis.url()] {
        let link = link(&url).await;
        assert_eq!(link.trouble(), Some(Trouble::Password));
        let shown = format!("{link:?} {}", Trouble::Password);
        assert!(!shown.contains("-words"), "{shown}");
        let (limiter, user) = falling_back(&url).await;
        assert_eq!(granted(&limiter, user).await, 7);
    }
}

#[tokio::test]
async fn without_anything_to_fall_back_to_nothing_is_granted() {
    let mut redis = Redis::start(&[]).unwrap();
    let limiter = RedisLimiter::new(link(&redis.url()).await, window(3), None);
    let user = UserId::new();
    assert_eq!(granted(&limiter, user).await, 3);
    redis.stop().unwrap();
    let error = limiter.take(user).await.unwrap_err();
    assert!(matches!(error, EngineError::SharedUnavailable { .. }));
    let message = error.to_string();
    assert!(
        message.contains(&format!("127.0.0.1:{}", redis.port())) && message.contains("[redis]"),
        "{message}"
    );
}

async fn connection(redis: &Redis) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(redis.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// A limit of three calls for all users.
const OVERALL: Quotas = Quotas {
    tokens: None,
    overall_calls: Some(3),
    overall_tokens: None,
};

/// Answers everything with a string of a gigabyte, and counts what of it was taken.
fn endless_server(greets: bool) -> (String, std::thread::JoinHandle<usize>) {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let serve = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // Nobody is let in again.
        drop(listener);
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while !lines.next().unwrap().unwrap().contains("PING") {}
        if greets {
            stream.write_all(b"+PONG\r\n").unwrap();
            while !lines.next().unwrap().unwrap().contains("EVALSHA") {}
        }
        let (zeros, mut taken) = (vec![0; 1 << 20], 0);
        stream.write_all(b"$1000000000\r\n").unwrap();
        while taken < 1_000_000_000 && stream.write_all(&zeros).is_ok() {
            taken += zeros.len();
        }
        taken
    });
    (url, serve)
}

/// Sixteen megabytes, and what stands in the buffers of a connection.
const MOST_TAKEN: usize = 32 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_not_taken_into_memory() {
    let (url, server) = endless_server(false);
    let link = link(&url).await;
    assert!(matches!(
        link.trouble(),
        Some(Trouble::Endless | Trouble::Silent)
    ));
    drop(link);
    let taken = server.join().unwrap();
    assert!(taken < MOST_TAKEN, "{taken}");

    let (url, server) = endless_server(true);
    let (limiter, user) = falling_back(&url).await;
    assert_eq!(granted(&limiter, user).await, 7);
    let taken = server.join().unwrap();
    assert!(taken < MOST_TAKEN, "{taken}");
}

#[tokio::test]
async fn only_the_logs_count_calls_whatever_else_is_lost() {
    for quotas in [Quotas::default(), OVERALL] {
        let redis = Redis::start(&[]).unwrap();
        let limiter = RedisLimiter::new(link(&redis.url()).await, window(3), None).with(quotas);
        let mut connection = connection(&redis).await;
        let (user, mut granted) = (UserId::new(), 0);
        for _ in 0..8 {
            granted += u32::from(matches!(
                limiter.take(user).await.unwrap(),
                Take::Granted(_)
            ));
            let keys: Vec<String> = redis::cmd("KEYS")
                .arg("*")
                .query_async(&mut connection)
                .await
                .unwrap();
            assert!(keys.iter().any(|key| key.ends_with(":log")), "{keys:?}");
            for key in keys.iter().filter(|key| !key.ends_with(":log")) {
                let mut lose = redis::cmd("DEL");
                lose.arg(key).exec_async(&mut connection).await.unwrap();
            }
        }
        assert_eq!(granted, 3, "{quotas:?}");
    }
}

/// One node that has all slots still refuses a script whose keys are in two.
#[tokio::test]
async fn all_keys_of_a_question_are_in_one_slot_of_a_cluster() {
    let redis = Redis::start(&["--cluster-enabled", "yes"]).unwrap();
    let mut connection = connection(&redis).await;
    let mut slots = redis::cmd("CLUSTER");
    slots.arg("ADDSLOTSRANGE").arg(0).arg(16_383);
    slots.exec_async(&mut connection).await.unwrap();
    let mut info = redis::cmd("CLUSTER");
    info.arg("INFO");
    while !info
        .query_async::<String>(&mut connection)
        .await
        .unwrap()
        .contains("cluster_state:ok")
    {
        tokio::task::yield_now().await;
    }
    for quotas in [Quotas::default(), OVERALL] {
        let limiter = RedisLimiter::new(link(&redis.url()).await, window(3), None).with(quotas);
        let user = UserId::new();
        let Take::Granted(ticket) = limiter.take(user).await.unwrap() else {
            panic!("nothing was granted")
        };
        limiter.settle(user, ticket, 1).await.unwrap();
        assert_eq!(limiter.state(user).await.unwrap().calls_left, 2);
        limiter.allowances(user).await.unwrap();
        assert_eq!(granted(&limiter, user).await, 2);
    }
}

#[tokio::test]
async fn keys_of_another_program_are_left_alone() {
    let redis = Redis::start(&[]).unwrap();
    let (limiter, user) = falling_back(&redis.url()).await;
    let mut connection = connection(&redis).await;
    let key = format!("mini-llm-chat:{{limit}}:{user}:log");
    let set = redis::cmd("SET").arg(&key).arg("a string").clone();
    set.exec_async(&mut connection).await.unwrap();
    assert_eq!(granted(&limiter, user).await, 7);
    let kept: String = redis::cmd("GET")
        .arg(&key)
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(kept, "a string");
}
