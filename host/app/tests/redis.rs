//! Redis at the whole program: what is shared, what goes on without it, and where its password does not go.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;

use mock_openai::{MockServer, Script};
use support::{Home, Run};
use test_servers::Redis;

/// No real password.
const PASSWORD: &str = "made-up-words-for-redis";

async fn server() -> MockServer {
    MockServer::start(Script::answer("Because.")).await.unwrap()
}

/// Asks without waiting for the limit.
async fn ask(home: &Home, server: &MockServer, prompt: &str) -> Run {
    let mut command = home.command(&[
        "ask",
        "--no-wait",
        "--base-url",
        &server.base_url(),
        "--max-calls",
        "2",
        prompt,
    ]);
    let output = tokio::task::spawn_blocking(move || command.output());
    Run::of(output.await.unwrap().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_the_limit_and_the_answers_and_cache_clear_forgets_them() {
    let redis = Redis::start(&["--requirepass", PASSWORD]).unwrap();
    let url = redis
        .url()
        .replace("redis://", &format!("redis://:{PASSWORD}@"));
    let (home, server) = (Home::new().variable("REDIS_URL", &url), server().await);
    for _ in 0..3 {
        let run = ask(&home, &server, "why").await;
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    }
    // The second and the third came from the cache, which costs no call.
    assert_eq!(server.requests().len(), 1);
    let cleared = home.run(&["cache", "clear"]);
    assert_eq!(cleared.code, Some(0), "{cleared:?}");
    assert!(
        cleared.err.contains("1 cached answers are forgotten"),
        "{cleared:?}"
    );
    let codes = [
        ask(&home, &server, "why").await.code,
        ask(&home, &server, "how").await.code,
    ];
    assert_eq!((codes, server.requests().len()), ([Some(0), Some(75)], 2));
    assert!(home.files_with(PASSWORD).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_down_or_hangs_is_a_warning_and_the_chat_goes_on() {
    let (mut stopped, mut hung) = (Redis::start(&[]).unwrap(), Redis::start(&[]).unwrap());
    stopped.stop().unwrap();
    hung.freeze().unwrap();
    let server = server().await;
    for (redis, why) in [(&stopped, "cannot be reached"), (&hung, "does not answer")] {
        let port = redis.port().to_string();
        let home = Home::new()
            .variable("REDIS_HOST", "127.0.0.1")
            .variable("REDIS_PORT", &port);
        let run = ask(&home, &server, "why").await;
        assert_eq!(
            (run.code, run.out.as_str()),
            (Some(0), "Because.\n"),
            "{run:?}"
        );
        let warned = ["warning", why, &port, "limits are kept in the database"];
        assert!(
            warned.iter().all(|words| run.err.contains(words)),
            "{run:?}"
        );
        // The database limits across processes as well.
        let codes = [
            ask(&home, &server, "how").await.code,
            ask(&home, &server, "when").await.code,
        ];
        assert_eq!(codes, [Some(0), Some(75)]);
    }
}

/// What Redis answers to these lines.
fn said(redis: &Redis, lines: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", redis.port())).unwrap();
    write!(socket, "{lines}\r\nQUIT\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

/// Another program may use the keys of the limit for something else.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_whose_key_is_something_else_is_told_and_kept_in_the_database() {
    let redis = Redis::start(&[]).unwrap();
    let (home, server) = (
        Home::new().variable("REDIS_URL", &redis.url()),
        server().await,
    );
    assert_eq!(ask(&home, &server, "why").await.code, Some(0));
    let answer = said(&redis, "KEYS mini-llm-chat:{limit}:*");
    let keys = answer.lines().filter(|line| line.starts_with("mini"));
    let set: String = keys.map(|key| format!("SET {key} text\r\n")).collect();
    assert!(said(&redis, &set).starts_with("+OK"), "{answer}");
    let run = ask(&home, &server, "how").await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (Some(0), "Because.\n"),
        "{run:?}"
    );
    let warned = [
        "warning",
        "another program",
        "limits are kept in the database",
    ];
    assert!(
        warned.iter().all(|words| run.err.contains(words)),
        "{run:?}"
    );
    assert_eq!(run.err.lines().count(), 1, "{run:?}");
    let run = home.chat(&server, &["one", "two"]);
    assert_eq!(
        run.err.matches("does not do what it is asked").count(),
        1,
        "{run:?}"
    );
    // The database counts: of two calls one is left.
    assert_eq!(ask(&home, &server, "when").await.code, Some(75));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_redis_is_required() {
    let mut redis = Redis::start(&["--requirepass", PASSWORD]).unwrap();
    let server = server().await;
    let home = Home::new()
        .variable("REDIS_URL", &redis.url())
        .variable("REDIS_PASSWORD", "not-looked-at-beside-a-url");
    home.config("[redis]\nrequired = true\n");
    let run = ask(&home, &server, "why").await;
    assert_eq!(run.code, Some(78), "{run:?}");
    assert!(run.err.contains("refuses the password"), "{run:?}");
    redis.stop().unwrap();
    let run = ask(&home, &server, "why").await;
    assert_eq!(run.code, Some(69), "{run:?}");
    assert!(server.requests().is_empty() && run.out.is_empty());
    let run = ask(&home.without("REDIS_URL"), &server, "why").await;
    assert_eq!(run.code, Some(78), "{run:?}");
    assert!(run.err.contains("redis.required"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dot_env_points_to_is_named_and_gets_no_password_of_the_users() {
    let redis = Redis::start(&[]).unwrap();
    let server = server().await;
    let home = Home::new();
    home.write(
        ".env",
        format!("REDIS_HOST=127.0.0.1\nREDIS_PORT={}\n", redis.port()),
    );
    let run = ask(&home, &server, "why").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let named = format!("Redis at 127.0.0.1:{}, as .env line 1 says", redis.port());
    assert!(run.err.contains(&named), "{run:?}");
    let home = home.variable("REDIS_PASSWORD", PASSWORD);
    let run = ask(&home, &server, "why").await;
    assert_eq!(run.code, Some(78), "{run:?}");
    assert!(
        run.err.contains("less trusted") && !run.err.contains(PASSWORD),
        "{run:?}"
    );
}

#[test]
fn an_address_that_cannot_be_used_is_named_and_not_repeated() {
    for (name, value) in [
        ("REDIS_URL", "http://planted.example"),
        ("REDIS_URL", "rediss://planted.example/#insecure"),
        ("REDIS_HOST", "planted/host"),
    ] {
        let home = Home::new().variable(name, value);
        let run = home.run(&["cache", "clear"]);
        assert_eq!(run.code, Some(78), "{run:?}");
        assert!(
            run.err.contains(name) && !run.err.contains("planted"),
            "{run:?}"
        );
    }
    let run = Home::new().run(&["cache", "clear"]);
    assert_eq!(run.code, Some(0), "{run:?}");
}
