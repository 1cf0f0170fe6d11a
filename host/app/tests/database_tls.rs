//! The way to PostgreSQL: what a certificate proves, and that nothing goes on without one that was asked for.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/accounts.rs"]
mod people;
mod support;

use mock_openai::{MockServer, Script};
use people::administered_at;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use support::Home;
use test_servers::Postgres;

/// Whom the server's certificate is for.
const NAME: &str = "localhost";

/// An authority of its own: its certificate as PEM, and what signs with it.
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, Issuer::new(params, key))
}

/// A server whose certificate is for [`NAME`], and the authority that vouches for it.
fn server() -> (Postgres, String) {
    let (pem, issuer) = authority();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([NAME.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap().pem();
    let server = Postgres::start_with_tls(&certificate, &key.serialize_pem()).unwrap();
    (server, pem)
}

/// A home that names the database at this host, with `options` after the `?`.
fn home(server: &Postgres, database: &str, host: &str, options: &str) -> Home {
    let url = server.url(database).replace("127.0.0.1", host);
    Home::new().variable("DATABASE_URL", &format!("{url}?{options}"))
}

/// In a place that outlives the homes.
fn kept(dir: &tempfile::TempDir, name: &str, pem: &str) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, pem).unwrap();
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_proves_its_name_is_talked_to_in_private() {
    let (server, pem) = server();
    let dir = tempfile::tempdir().unwrap();
    let ca = kept(&dir, "ca.pem", &pem);
    let model = MockServer::start(Script::answer("Because.")).await.unwrap();
    for options in [
        format!("sslmode=verify-full&sslrootcert={ca}"),
        format!("sslmode=verify-ca&sslrootcert={ca}"),
        "sslmode=require".to_owned(),
        "sslmode=prefer".to_owned(),
    ] {
        let name = server.database(None).unwrap();
        let home = administered_at(home(&server, &name, NAME, &options));
        let run = home.chat(&model, &["why", "exit"]);
        assert_eq!(run.code, Some(0), "{options}: {run:?}");
        let examined = home.run(&["doctor"]);
        let line = examined.out.lines().find(|line| line.contains("schema"));
        assert!(
            line.is_some_and(|line| line.ends_with(", encrypted")),
            "{options}: {examined:?}"
        );
        home.verified(0);
    }
}

#[test]
fn a_server_that_does_not_prove_its_name_is_refused_and_never_done_without() {
    let (server, pem) = server();
    let dir = tempfile::tempdir().unwrap();
    let ca = kept(&dir, "ca.pem", &pem);
    let stranger = kept(&dir, "stranger.pem", &authority().0);
    let nonsense = kept(&dir, "nonsense.pem", "no certificate");
    let missing = dir.path().join("missing.pem").display().to_string();
    for (host, options) in [
        // Another name than that of the certificate.
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={ca}")),
        // An authority that did not sign it, and those of the system.
        (NAME, format!("sslmode=verify-full&sslrootcert={stranger}")),
        (NAME, format!("sslmode=verify-ca&sslrootcert={stranger}")),
        (NAME, "sslmode=verify-full".to_owned()),
        (NAME, format!("sslmode=verify-full&sslrootcert={nonsense}")),
        (NAME, format!("sslmode=verify-full&sslrootcert={missing}")),
    ] {
        let home = home(&server, "postgres", host, &options);
        for arguments in [&["--fallback-to-memory", "ask", "x"][..], &["db", "status"]] {
            let run = home.run(arguments);
            assert_eq!((run.code, &*run.out), (Some(78), ""), "{options}: {run:?}");
            assert!(run.err.contains("sslrootcert"), "{options}: {run:?}");
            assert_eq!(run.err.lines().count(), 1, "{options}: {run:?}");
            assert!(!run.err.contains(Postgres::PASSWORD), "{options}: {run:?}");
        }
    }
    let away = home(
        &server,
        "postgres",
        "127.0.0.1",
        &format!("sslmode=verify-ca&sslrootcert={ca}"),
    );
    assert_eq!(away.run(&["db", "status"]).code, Some(0));
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let server = Postgres::shared();
    for mode in ["require", "verify-ca", "verify-full"] {
        let home = home(server, "postgres", NAME, &format!("sslmode={mode}"));
        let run = home.run(&["--fallback-to-memory", "ask", "x"]);
        assert_eq!(run.code, Some(78), "{run:?}");
        assert!(
            run.err.contains("TLS") && run.err.contains("sslmode"),
            "{run:?}"
        );
    }
}
