//! Redis over TLS: an authority of one's own is believed where it is named, everybody else is not.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;

use mock_openai::{MockServer, Script};
use rcgen::{CertificateParams, DnType, Issuer, KeyPair};
use support::{Home, Run};
use test_servers::Redis;

/// A made-up authority, as PEM, and a server with a certificate from it for these names.
fn redis(names: &[&str]) -> (Redis, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "made-up authority");
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let redis = Redis::start_tls(&[], &certificate.pem(), &key.serialize_pem()).unwrap();
    (redis, authority.pem())
}

async fn server() -> MockServer {
    MockServer::start(Script::answer("Because.")).await.unwrap()
}

/// Asks again where a busy machine did not get through a handshake in the second that a start waits.
async fn ask(home: &Home, server: &MockServer) -> Run {
    loop {
        let mut command = home.command(&["ask", "--base-url", &server.base_url(), "why"]);
        let output = tokio::task::spawn_blocking(move || command.output());
        let run = Run::of(output.await.unwrap().unwrap());
        if !run.err.contains("does not answer in time") {
            return run;
        }
    }
}

/// A home whose config names this authority, or none.
fn home(redis: &Redis, authority: Option<&str>, required: bool) -> Home {
    let home = Home::new().variable("REDIS_URL", &redis.url());
    let file = home.path().join("authority.pem");
    let named = authority.map(|pem| {
        fs::write(&file, pem).unwrap();
        format!("ca_file = '{}'\n", file.display())
    });
    let named = named.unwrap_or_default();
    home.config(&format!("[redis]\nrequired = {required}\n{named}"));
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_named_is_believed() {
    let (redis, authority) = redis(&["127.0.0.1"]);
    let server = server().await;
    let named = home(&redis, Some(&authority), true);
    for _ in 0..2 {
        let run = ask(&named, &server).await;
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
    }
    // The second process found the answer in Redis.
    assert_eq!(server.requests().len(), 1);
    let file = named.path().join("authority.pem");
    let system = home(&redis, None, true).variable("SSL_CERT_FILE", file.to_str().unwrap());
    let run = ask(&system, &server).await;
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_nobody_who_is_believed_or_for_another_name_is_refused_and_says_so() {
    let (ours, authority) = redis(&["127.0.0.1"]);
    let (other, other_authority) = redis(&["cache.example"]);
    let server = server().await;
    for (redis, believed) in [
        (&ours, None),
        (&ours, Some(&other_authority)),
        (&other, Some(&other_authority)),
    ] {
        let believed = believed.map(String::as_str);
        let run = ask(&home(redis, believed, true), &server).await;
        assert_eq!(run.code, Some(78), "{run:?}");
        let says = ["certificate is not believed", "ca_file"];
        assert!(says.iter().all(|words| run.err.contains(words)), "{run:?}");
    }
    assert!(server.requests().is_empty());
    // Not required: the chat goes on without it.
    let run = ask(&home(&ours, Some(&other_authority), false), &server).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.err.contains("certificate is not believed"), "{run:?}");
    drop(authority);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_and_a_file_without_certificates_are_named() {
    let plain = Redis::start(&[]).unwrap();
    let (_, authority) = redis(&["127.0.0.1"]);
    let server = server().await;
    let other = server
        .base_url()
        .replace("http:", "rediss:")
        .replace("/v1", "");
    let asked_for_tls = Home::new().variable("REDIS_URL", &other);
    asked_for_tls.config("[redis]\nrequired = true\n");
    let run = ask(&asked_for_tls, &server).await;
    assert_eq!(run.code, Some(78), "{run:?}");
    assert!(run.err.contains("no TLS connection"), "{run:?}");
    let run = ask(&home(&plain, Some(&authority), false), &server).await;
    assert_eq!(run.code, Some(78), "{run:?}");
    assert!(
        run.err.contains("redis.ca_file") && run.err.contains("rediss://"),
        "{run:?}"
    );
    let (tls, _) = redis(&["127.0.0.1"]);
    let run = ask(&home(&tls, Some("planted"), false), &server).await;
    assert_eq!(run.code, Some(78), "{run:?}");
    assert!(
        run.err.contains("no certificates") && !run.err.contains("planted"),
        "{run:?}"
    );
    assert!(server.requests().is_empty());
}
