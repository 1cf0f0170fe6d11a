//! The way to the server: a proxy from the environment, a certificate authority of one's own, never past this machine.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mock_openai::{MockServer, Script};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use support::{Home, KEY, Run, closed_port};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

async fn server() -> MockServer {
    MockServer::start(Script::answer("Because.")).await.unwrap()
}

async fn ask(home: &Home, base_url: &str) -> Run {
    let mut command = home.command(&["ask", "--max-calls", "99", "--base-url", base_url, "why"]);
    let output = tokio::task::spawn_blocking(move || command.output());
    Run::of(output.await.unwrap().unwrap())
}

fn answered(run: &Run) -> bool {
    run.code == Some(0) && run.out == "Because.\n"
}

/// TLS for this name in front of a plain server: its port, and its certificate as PEM.
async fn tls(name: &str, to: SocketAddr) -> (u16, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not believe the certificate goes away.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut plain = TcpStream::connect(to).await.unwrap();
                copy_bidirectional(&mut stream, &mut plain).await.ok();
            });
        }
    });
    (port, made.cert.pem())
}

/// A proxy that leads everything to one place, and the heads of the requests it saw.
async fn proxy(to: SocketAddr) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let text = String::from_utf8(head.clone()).unwrap();
                let mut there = TcpStream::connect(to).await.unwrap();
                if text.starts_with("CONNECT ") {
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                } else {
                    there.write_all(&head).await.unwrap();
                }
                seen.lock().unwrap().push(text);
                copy_bidirectional(&mut stream, &mut there).await.ok();
            });
        }
    });
    (url, heads)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_of_ones_own_is_believed_when_it_is_named() {
    let server = server().await;
    let (port, pem) = tls("localhost", server.address()).await;
    let url = format!("https://localhost:{port}/v1");
    let home = Home::new();
    let run = ask(&home, &url).await;
    assert_eq!(run.code, Some(69), "{run:?}");
    assert!(run.err.contains("no secure connection"), "{run:?}");
    assert!(server.requests().is_empty());
    let file = home.write("ca.pem", &pem);
    home.config(&format!("[model]\nca_file = '{}'\n", file.display()));
    assert!(answered(&ask(&home, &url).await));
    // The variable that many programs know replaces the system's authorities.
    let home = Home::new();
    let file = home.write("ca.pem", &pem);
    let home = home.variable("SSL_CERT_FILE", file.to_str().unwrap());
    assert!(answered(&ask(&home, &url).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_used_and_sees_no_key() {
    let server = server().await;
    let (port, pem) = tls("model.example", server.address()).await;
    let (url, heads) = proxy(SocketAddr::from(([127, 0, 0, 1], port))).await;
    let home = Home::new().variable("HTTPS_PROXY", &url);
    let file = home.write("ca.pem", &pem);
    home.config(&format!("[model]\nca_file = '{}'\n", file.display()));
    let run = ask(&home, "https://model.example/v1").await;
    assert!(answered(&run), "{run:?}");
    let heads = heads.lock().unwrap().join("\n");
    assert!(heads.starts_with("CONNECT model.example:443 "), "{heads}");
    assert!(
        !heads.contains(KEY) && !heads.contains("uthorization"),
        "{heads}"
    );
    let key = server.requests()[0]
        .header("authorization")
        .map(str::to_owned);
    assert_eq!(key, Some(format!("Bearer {KEY}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_proxy_is_used_without_a_key_and_no_proxy_is_obeyed() {
    let server = server().await;
    let (url, heads) = proxy(server.address()).await;
    let home = Home::new()
        .without("OPENAI_API_KEY")
        .variable("HTTP_PROXY", &url);
    let run = ask(&home, "http://model.example/v1").await;
    assert_eq!(
        (run.code, run.out.as_str()),
        (Some(0), "Because.\n"),
        "{run:?}"
    );
    let seen = heads.lock().unwrap().join("\n");
    assert!(
        seen.starts_with("POST http://model.example/v1/chat/completions "),
        "{seen}"
    );
    let home = home.variable("NO_PROXY", "model.example");
    let run = ask(&home, "http://model.example/v1").await;
    assert_eq!(run.code, Some(69), "{run:?}");
    assert_eq!(heads.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_for_this_machine_goes_to_a_proxy() {
    let server = server().await;
    let nowhere = closed_port();
    let home = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
        .into_iter()
        .fold(Home::new(), |home, name| home.variable(name, &nowhere));
    assert!(answered(&ask(&home, &server.base_url()).await));
    let local = server.base_url().replace("127.0.0.1", "localhost");
    assert!(answered(&ask(&home, &local).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_there_is_named_as_the_network() {
    let home = Home::new().variable("HTTPS_PROXY", &closed_port());
    let run = ask(&home, "https://model.example/v1").await;
    assert_eq!((run.code, run.out.as_str()), (Some(69), ""), "{run:?}");
    assert!(run.err.contains("https://model.example"), "{run:?}");
}
