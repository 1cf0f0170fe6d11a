//! What tests may rely on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpStream;

use test_servers::{Postgres, Redis, Stop};

#[test]
fn postgres_keeps_what_was_committed_over_a_stop_and_a_crash() {
    let mut server = Postgres::start().unwrap();
    let name = server.database(None).unwrap();
    server
        .execute(&name, "CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
        .unwrap();
    for how in [Stop::Fast, Stop::Immediate] {
        server.stop(how).unwrap();
        server.execute(&name, "SELECT 1").unwrap_err();
        server.resume().unwrap();
        assert_eq!(server.execute(&name, "SELECT n FROM t").unwrap(), "1");
    }
    let copy = server.database(Some(&name)).unwrap();
    assert_eq!(server.execute(&copy, "SELECT n FROM t").unwrap(), "1");
}

#[test]
fn the_shared_postgres_is_one() {
    assert_eq!(Postgres::shared().port(), Postgres::shared().port());
}

fn ping(redis: &Redis) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", redis.port()))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn redis_answers_again_after_a_stop_and_a_freeze() {
    let mut redis = Redis::start(&[]).unwrap();
    assert_eq!(ping(&redis).unwrap(), "+PONG\r\n");
    redis.stop().unwrap();
    ping(&redis).unwrap_err();
    redis.resume().unwrap();
    redis.freeze().unwrap();
    redis.thaw().unwrap();
    assert_eq!(ping(&redis).unwrap(), "+PONG\r\n");
}

#[test]
fn redis_takes_options() {
    let redis = Redis::start(&["--requirepass", "open-sesame"]).unwrap();
    assert_eq!(ping(&redis).unwrap(), "-NOAUTH");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let refused = Redis::start(&["--no-such-option", "1"]).unwrap_err();
    assert!(refused.to_string().contains("no-such-option"), "{refused}");
}
