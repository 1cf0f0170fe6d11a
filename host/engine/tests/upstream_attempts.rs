//! Trying again: when it may help, as often as the settings say, and never once text has arrived.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod upstream_support;

use mini_llm_chat_engine::upstream::{
    ApiKey, BaseUrl, Class, Client, ConfigError, Retries, Settings, Unreachable, UpstreamError,
};
use mock_openai::{Fault, MockServer, Script};
use tokio_util::sync::CancellationToken;
use upstream_support::{AT_ONCE, KEY, ask, client, request, settings};

#[tokio::test]
async fn a_server_that_recovers_gives_the_answer() {
    let server = MockServer::start(Script::answer("Hello.")).await.unwrap();
    server.enqueue(Script::fault(Fault::Overloaded));
    server.enqueue(Script::fault(Fault::CloseWithoutResponse));
    let outcome = ask(&client(&server), "hi").await;
    assert_eq!(outcome.answer, "Hello.");
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(
        requests
            .iter()
            .all(|request| request.body == requests[0].body)
    );
}

#[tokio::test]
async fn without_retries_the_first_failure_counts() {
    let server = MockServer::start(Script::fault(Fault::Overloaded))
        .await
        .unwrap();
    let client = Client::new(Settings {
        retries: Retries::NONE,
        ..settings(&server)
    })
    .unwrap();
    assert_eq!(
        ask(&client, "hi").await.end.unwrap_err().class(),
        Class::Unavailable
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_wait_for_the_next_attempt_can_be_cancelled() {
    let server = MockServer::start(Script::fault(Fault::Overloaded))
        .await
        .unwrap();
    let hour = std::time::Duration::from_secs(60);
    let retries = Retries {
        base: hour,
        cap: hour,
        ..AT_ONCE
    };
    let client = Client::new(Settings {
        retries,
        ..settings(&server)
    })
    .unwrap();
    let cancel = CancellationToken::new();
    let request = request("hi");
    let stop = async {
        server.wait_for_requests(1).await;
        server.wait_until_idle().await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(client.stream(&request, cancel.clone()), stop);
    assert!(matches!(outcome, Err(UpstreamError::Cancelled)));
}

#[tokio::test]
async fn nobody_listening_is_unavailable_and_says_so() {
    let server = MockServer::start(Script::answer("Hello.")).await.unwrap();
    let settings = settings(&server);
    let address = server.address();
    drop(server);
    // The listener goes with its task; until then a connection may still be accepted and closed.
    let error = ask(&Client::new(settings).unwrap(), "hi")
        .await
        .end
        .unwrap_err();
    assert_eq!(error.class(), Class::Unavailable);
    assert!(
        error
            .to_string()
            .contains(&format!("cannot reach the model server http://{address}")),
        "{error}"
    );
}

#[tokio::test]
async fn localhost_is_this_machine_whatever_a_resolver_says() {
    let server = MockServer::start(Script::answer("Hello.")).await.unwrap();
    let base_url = BaseUrl::parse(&server.base_url().replace("127.0.0.1", "localhost")).unwrap();
    let client = Client::new(Settings {
        base_url,
        ..settings(&server)
    })
    .unwrap();
    assert_eq!(ask(&client, "hi").await.answer, "Hello.");
}

#[tokio::test]
async fn tls_to_a_server_without_it_is_named() {
    let server = MockServer::start(Script::answer("Hello.")).await.unwrap();
    let base_url = BaseUrl::parse(&server.base_url().replace("http:", "https:")).unwrap();
    let client = Client::new(Settings {
        base_url,
        ..settings(&server)
    })
    .unwrap();
    let error = ask(&client, "hi").await.end.unwrap_err();
    assert!(
        matches!(
            error,
            UpstreamError::Unreachable {
                reason: Unreachable::Tls,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_wrong_key_is_refused_without_being_shown() {
    let server = MockServer::start(Script::answer("Hello.").require_key("another made-up key"))
        .await
        .unwrap();
    let error = ask(&client(&server), "hi").await.end.unwrap_err();
    assert_eq!(error.class(), Class::Auth);
    let detail = error.detail().unwrap().foreign();
    assert!(
        detail.contains("[redacted:api-key]") && !detail.contains(KEY),
        "{detail}"
    );
}

#[test]
fn a_key_is_never_sent_in_the_clear_to_another_machine() {
    let base_url = BaseUrl::parse("http://example.com/v1").unwrap();
    let key = ApiKey::parse(KEY.into(), &base_url).unwrap();
    let error = Client::new(Settings::standard(base_url.clone(), Some(key))).unwrap_err();
    assert_eq!(error, ConfigError::KeyInTheClear);
    assert!(Client::new(Settings::standard(base_url, None)).is_ok());
}

#[test]
fn openai_needs_a_key_and_others_do_not() {
    let error = Client::new(Settings::standard(BaseUrl::openai().unwrap(), None)).unwrap_err();
    assert_eq!(error, ConfigError::KeyMissing);
    assert_eq!(UpstreamError::from(error).class().exit_code(), 78);
}
