//! A streamed answer: as it arrives, however it is cut into bytes, and gone when nobody wants it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod upstream_support;

use futures_util::StreamExt;
use mini_llm_chat_engine::upstream::{
    Channel, Client, Event, FinishReason, Phase, Settings, Timeouts, UpstreamError,
};
use mock_openai::{Fault, Framing, Gate, MockServer, Script, Split, Usage as MockUsage};
use proptest::prelude::{ProptestConfig, any, proptest};
use tokio_util::sync::CancellationToken;
use upstream_support::{KEY, PATIENT, SOON, ask, client, request, settings};

fn delta(text: &str) -> Event {
    Event::Delta {
        channel: Channel::Answer,
        text: text.to_owned(),
    }
}

#[tokio::test]
async fn the_request_is_a_completion_with_the_key_and_nothing_more() {
    let server = MockServer::start(Script::answer("Hello.")).await.unwrap();
    ask(&client(&server), "hi").await.end.unwrap();
    let request = server.requests().remove(0);
    assert_eq!(
        (&*request.method, &*request.path),
        ("POST", "/v1/chat/completions")
    );
    assert_eq!(
        request.header("authorization"),
        Some(&*format!("Bearer {KEY}"))
    );
    assert_eq!(request.prompt(), "hi");
    let mut names: Vec<&str> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    let wanted = [
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, wanted);
}

#[tokio::test]
async fn each_delta_is_there_as_soon_as_the_server_sent_it() {
    for line_end in ["\n", "\r\n", "\r"] {
        let gate = Gate::closed();
        let framing = Framing {
            line_end,
            ..Framing::default()
        };
        let script = Script::deltas(["one ", "two ", "three"])
            .gated(&gate)
            .framing(framing);
        let server = MockServer::start(script).await.unwrap();
        let mut answer = client(&server)
            .stream(&request("hi"), CancellationToken::new())
            .await
            .unwrap();
        for text in ["one ", "two ", "three"] {
            gate.open(1);
            assert_eq!(
                answer.next().await.unwrap().unwrap(),
                delta(text),
                "{line_end:?}"
            );
        }
    }
}

#[tokio::test]
async fn usage_comes_before_the_finish_and_the_finish_is_last() {
    let script = Script::deltas(["x"]).usage(MockUsage {
        prompt: 11,
        completion: 7,
    });
    let server = MockServer::start(script).await.unwrap();
    let answer = client(&server)
        .stream(&request("hi"), CancellationToken::new())
        .await
        .unwrap();
    let events: Vec<Event> = answer.into_stream().map(Result::unwrap).collect().await;
    let [
        first,
        Event::Usage(usage),
        Event::Finish {
            reason: FinishReason::Stop,
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(
        (first, usage.prompt, usage.completion),
        (&delta("x"), 11, 7)
    );
}

#[tokio::test]
async fn dropping_the_answer_closes_the_connection() {
    let gate = Gate::closed();
    gate.open(1);
    let server = MockServer::start(Script::deltas(["one ", "two"]).gated(&gate))
        .await
        .unwrap();
    let mut answer = client(&server)
        .stream(&request("hi"), CancellationToken::new())
        .await
        .unwrap();
    answer.next().await.unwrap().unwrap();
    drop(answer);
    server.wait_for_close().await;
}

#[tokio::test]
async fn cancelling_closes_the_connection_while_the_answer_is_still_held() {
    let gate = Gate::closed();
    gate.open(1);
    let server = MockServer::start(Script::deltas(["one ", "two"]).gated(&gate))
        .await
        .unwrap();
    let cancel = CancellationToken::new();
    let mut answer = client(&server)
        .stream(&request("hi"), cancel.clone())
        .await
        .unwrap();
    answer.next().await.unwrap().unwrap();
    cancel.cancel();
    assert!(matches!(
        answer.next().await,
        Some(Err(UpstreamError::Cancelled))
    ));
    server.wait_for_close().await;
    assert!(answer.next().await.is_none());
}

#[tokio::test]
async fn cancelling_before_the_headers_closes_the_connection() {
    let server = MockServer::start(Script::fault(Fault::StallBeforeHeaders))
        .await
        .unwrap();
    let cancel = CancellationToken::new();
    let (client, request) = (client(&server), request("hi"));
    let call = client.stream(&request, cancel.clone());
    let stop = async {
        server.wait_for_requests(1).await;
        cancel.cancel();
    };
    let (outcome, ()) = tokio::join!(call, stop);
    assert!(matches!(outcome, Err(UpstreamError::Cancelled)));
    server.wait_for_close().await;
}

#[tokio::test]
async fn a_stall_closes_the_connection_and_names_the_wait() {
    let server = MockServer::start(Script::fault(Fault::StallMidStream))
        .await
        .unwrap();
    let timeouts = Timeouts {
        between: SOON,
        ..PATIENT
    };
    let client = Client::new(Settings {
        timeouts,
        ..settings(&server)
    })
    .unwrap();
    let error = ask(&client, "hi").await.end.unwrap_err();
    assert!(
        matches!(
            error,
            UpstreamError::Stall {
                phase: Phase::Between,
                waited: SOON,
                ..
            }
        ),
        "{error:?}"
    );
    server.wait_for_close().await;
}

#[tokio::test]
async fn a_finished_answer_leaves_its_connection_for_a_later_one() {
    let server = MockServer::start(Script::answer("Hello.")).await.unwrap();
    let client = client(&server);
    // The end of a body is taken off its connection in the background, so the very next call may be too early for it.
    for _ in 0..10 {
        ask(&client, "hi").await.end.unwrap();
        server.wait_until_idle().await;
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.connection < 9),
        "{:?}",
        server.requests()
    );
}

#[tokio::test]
async fn any_split_of_the_text_gives_the_same_text() {
    let text = "naïve 你好 👩‍👩‍👧 end";
    let server = MockServer::start(Script::answer(text)).await.unwrap();
    let client = client(&server);
    for at in 0..=text.len() {
        server.set_script(Script::answer(text).split(Split::At(at)));
        assert_eq!(ask(&client, "hi").await.answer, text, "split at {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Framing and chunking never change what is read.
    #[test]
    fn framing_and_chunking_do_not_matter(
        text in any::<String>(), chunk in 1_usize..40, ending in 0_usize..3, space in any::<bool>(),
    ) {
        let framing = Framing { line_end: ["\n", "\r", "\r\n"][ending], space, chunk_bytes: Some(chunk) };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let script = Script::answer(text.clone()).split(Split::Chars(3)).framing(framing);
            let server = MockServer::start(script).await.unwrap();
            let outcome = ask(&client(&server), "hi").await;
            assert_eq!(outcome.answer, text);
            assert_eq!(outcome.end.unwrap(), FinishReason::Stop);
        });
    }
}
