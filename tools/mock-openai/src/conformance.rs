//! What a client is to make of each [`Fault`]: one list for every test of a client, and for the documentation.
//!
//! A one-shot client is meant: it asks one question with standard settings, prints the answer, and exits. Exit codes
//! are those of `docs/exit-codes.md`, which follow sysexits.h.

use std::fmt::Write;

use crate::Fault;

/// What a client is to make of one behaviour of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// The server's behaviour.
    pub fault: Fault,
    /// How it ends.
    pub end: End,
    /// Words on standard error; empty: it stays silent.
    pub says: &'static str,
    /// What is in storage afterwards.
    pub kept: Kept,
    /// Requests that the server sees in all.
    pub requests: usize,
    /// The wait that runs out. A test makes it short.
    pub waits: Option<Wait>,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The answer is complete, exit code 0.
    Complete(Finish),
    /// There is no complete answer: the exit code.
    Fails(u8),
}

/// Why a complete answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// At its token limit.
    Length,
    /// By the server's content filter.
    Filter,
    /// With the wish for a tool.
    Tools,
    /// For a reason of the server's own.
    Other,
}

/// What is in storage afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Neither question nor answer: the question can be asked again.
    Nothing,
    /// Question and what came of the answer, marked as partial.
    Partial,
    /// Question and answer.
    Whole,
}

/// What a client waits for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The first byte of an answer.
    FirstByte,
    /// The next piece.
    Between,
    /// The end, after the finish reason.
    AfterFinish,
    /// The end as a whole.
    Total,
}

impl Scenario {
    /// Exit code.
    #[must_use]
    pub const fn exit(&self) -> u8 {
        match self.end {
            End::Complete(_) => 0,
            End::Fails(code) => code,
        }
    }

    const fn waits(mut self, wait: Wait) -> Self {
        self.waits = Some(wait);
        self
    }

    const fn kept(mut self, kept: Kept) -> Self {
        self.kept = kept;
        self
    }
}

/// A plain answer.
const fn whole(fault: Fault) -> Scenario {
    noticed(fault, Finish::Stop, "")
}

/// A whole answer with something to say about it.
const fn noticed(fault: Fault, finish: Finish, says: &'static str) -> Scenario {
    Scenario {
        fault,
        end: End::Complete(finish),
        says,
        kept: Kept::Whole,
        requests: 1,
        waits: None,
    }
}

/// No answer, and no use in asking again.
const fn fails(fault: Fault, code: u8, says: &'static str) -> Scenario {
    Scenario {
        fault,
        end: End::Fails(code),
        says,
        kept: Kept::Nothing,
        requests: 1,
        waits: None,
    }
}

/// No answer after three attempts.
const fn retried(fault: Fault, code: u8, says: &'static str) -> Scenario {
    Scenario {
        requests: 3,
        ..fails(fault, code, says)
    }
}

/// Some of an answer.
const fn partial(fault: Fault, code: u8, says: &'static str) -> Scenario {
    fails(fault, code, says).kept(Kept::Partial)
}

const UNAVAILABLE: u8 = 69;
const DATA: u8 = 65;
const LATER: u8 = 75;
const PROTOCOL: u8 = 76;
const PERMISSION: u8 = 77;
const CONFIG: u8 = 78;

/// Every scenario, in groups. The order is that of [`Fault::ALL`].
pub const GROUPS: &[(&str, &[Scenario])] = &[
    ("Framing", FRAMING),
    ("Shapes of chunks", SHAPES),
    ("Endings", ENDINGS),
    ("HTTP errors", HTTP_ERRORS),
    ("Stalls", STALLS),
    ("Hostile content", HOSTILE),
];

/// Every scenario.
pub fn scenarios() -> impl Iterator<Item = &'static Scenario> {
    GROUPS.iter().flat_map(|(_, group)| *group)
}

const FRAMING: &[Scenario] = &[
    whole(Fault::CrLines),
    whole(Fault::CrLfLines),
    whole(Fault::Comments),
    whole(Fault::NoSpaceAfterColon),
    whole(Fault::SeveralDataLines),
    whole(Fault::SplitEveryByte),
    whole(Fault::LineSeparatorInData),
    whole(Fault::ByteOrderMark),
    whole(Fault::UnknownFields),
    whole(Fault::NoFinalBlankLine),
    whole(Fault::LargeEvent),
    whole(Fault::Gzip),
    // The finish reason was read before it.
    whole(Fault::GzipBadSum),
    whole(Fault::NotUtf8),
    fails(Fault::UnknownEncoding, PROTOCOL, "compressed"),
];

const REFUSED: &str = "the model refused to answer";

const SHAPES: &[Scenario] = &[
    whole(Fault::NullContent),
    whole(Fault::EmptyChoices),
    whole(Fault::AzureFirstChunk),
    whole(Fault::ChunksAfterUsage),
    whole(Fault::PaddingFields),
    whole(Fault::SecondChoice),
    whole(Fault::ContentParts),
    whole(Fault::ThinkingParts),
    whole(Fault::ChoiceText),
    whole(Fault::TextBesideDelta),
    whole(Fault::FinishWithText),
    whole(Fault::UsageInEveryChunk),
    whole(Fault::NoUsage),
    whole(Fault::ReasoningContent),
    whole(Fault::Reasoning),
    whole(Fault::ThinkingBetween),
    noticed(Fault::Refusal, Finish::Stop, REFUSED),
    noticed(Fault::RefusalAfterText, Finish::Stop, REFUSED),
    whole(Fault::VendorFinish),
    noticed(
        Fault::UnknownFinish,
        Finish::Other,
        "for a reason of its own",
    )
    .kept(Kept::Partial),
    whole(Fault::CompleteJson),
    whole(Fault::MessageAfterDeltas),
    whole(Fault::MessageAtTheEnd),
    whole(Fault::MessageBesideDelta),
    whole(Fault::EmptyErrors),
];

// An answer without text is not kept: it would be sent as an empty message ever after.
const ENDINGS: &[Scenario] = &[
    noticed(Fault::Length, Finish::Length, "token limit").kept(Kept::Partial),
    noticed(
        Fault::LengthInWord,
        Finish::Length,
        "the end of the answer was withheld",
    )
    .kept(Kept::Nothing),
    noticed(Fault::ContentFilter, Finish::Filter, "content filter").kept(Kept::Partial),
    noticed(
        Fault::ToolCalls,
        Finish::Tools,
        "the model asked for a tool",
    )
    .kept(Kept::Nothing),
    noticed(
        Fault::FunctionCall,
        Finish::Tools,
        "the model asked for a tool",
    )
    .kept(Kept::Nothing),
    noticed(
        Fault::ToolCallsAfterText,
        Finish::Tools,
        "the model asked for a tool",
    ),
    noticed(Fault::EmptyAnswer, Finish::Stop, "the answer has no text").kept(Kept::Nothing),
    noticed(Fault::ReasoningToTheLimit, Finish::Length, "token limit").kept(Kept::Nothing),
    whole(Fault::NoDone),
    whole(Fault::CutAfterFinish),
    whole(Fault::TextAfterDone),
    partial(Fault::ErrorAfterFinish, UNAVAILABLE, "failed"),
    partial(
        Fault::NoFinishReason,
        UNAVAILABLE,
        "without a finish reason",
    ),
    partial(Fault::EndMidStream, UNAVAILABLE, "without a finish reason"),
    partial(Fault::CutMidStream, UNAVAILABLE, "the connection broke"),
    partial(Fault::CutInCharacter, UNAVAILABLE, "the connection broke"),
    partial(Fault::EndInEvent, UNAVAILABLE, "the connection broke"),
    partial(Fault::GzipCut, UNAVAILABLE, "the connection broke"),
    partial(Fault::GzipCutBadSum, UNAVAILABLE, "the connection broke"),
    fails(
        Fault::CutBeforeFirstDelta,
        UNAVAILABLE,
        "the connection broke",
    ),
    retried(Fault::CloseWithoutResponse, UNAVAILABLE, "cannot reach"),
    partial(Fault::ErrorData, UNAVAILABLE, "failed"),
    fails(Fault::ErrorFirst, UNAVAILABLE, "failed"),
    partial(Fault::ErrorEvent, UNAVAILABLE, "failed"),
    partial(Fault::ErrorField, UNAVAILABLE, "failed"),
    partial(Fault::EmptyErrorEvent, UNAVAILABLE, "failed"),
    partial(Fault::DetailChunk, UNAVAILABLE, "failed"),
    partial(Fault::ErrorsChunk, UNAVAILABLE, "failed"),
    partial(Fault::CodeChunk, UNAVAILABLE, "failed (HTTP 500)"),
    partial(Fault::StatusChunk, UNAVAILABLE, "failed"),
    partial(Fault::FailureBesideUsage, UNAVAILABLE, "failed"),
    partial(Fault::ErrorFinish, UNAVAILABLE, "broke it off"),
    partial(Fault::ErrorBesideChoices, UNAVAILABLE, "failed (HTTP 502)"),
    fails(Fault::JsonErrorWith200, UNAVAILABLE, "failed"),
    fails(Fault::JsonErrorAsStream, UNAVAILABLE, "failed"),
    fails(Fault::HtmlWith200, PROTOCOL, "a web page"),
    fails(Fault::HtmlAsStream, PROTOCOL, "not an event stream"),
    partial(Fault::GarbageData, PROTOCOL, "not a chat completion"),
    partial(Fault::WrongJson, PROTOCOL, "not a chat completion"),
    partial(Fault::NumberContent, PROTOCOL, "content that is not text"),
    partial(Fault::UnknownPart, PROTOCOL, "content that is not text"),
    partial(
        Fault::EndlessEvent,
        PROTOCOL,
        "an event larger than any real one",
    ),
    fails(Fault::EmptyBody, UNAVAILABLE, "without a finish reason"),
    fails(Fault::Accepted, PROTOCOL, "a status that is no answer"),
];

const HTTP_ERRORS: &[Scenario] = &[
    fails(
        Fault::ContextLength,
        DATA,
        "the conversation is too long for the model",
    ),
    fails(
        Fault::ContextLengthVllm,
        DATA,
        "the conversation is too long for the model",
    ),
    fails(
        Fault::PromptFiltered,
        DATA,
        "its content filter refused the message",
    ),
    fails(Fault::UnsupportedParameter, DATA, "--temperature"),
    fails(Fault::Unauthorized, PERMISSION, "--api-key"),
    fails(Fault::PaymentRequired, LATER, "no quota left"),
    fails(Fault::Forbidden, PERMISSION, "--api-key"),
    fails(Fault::ModelNotFound, CONFIG, "--model"),
    fails(Fault::NotFoundPage, CONFIG, "--base-url"),
    retried(Fault::RequestTimeout, UNAVAILABLE, "failed (HTTP 408)"),
    retried(Fault::Conflict, UNAVAILABLE, "failed (HTTP 409)"),
    fails(Fault::TooLarge, DATA, "too large for the server"),
    fails(Fault::Unprocessable, DATA, "HTTP 422"),
    retried(Fault::RateLimitPlain, LATER, "limits requests"),
    retried(Fault::RateLimitSeconds, LATER, "asks to wait 1 s"),
    retried(Fault::RateLimitMilliseconds, LATER, "asks to wait 2 s"),
    // Longer than a client waits by itself.
    fails(Fault::RateLimitDate, LATER, "asks to wait"),
    fails(Fault::InsufficientQuota, LATER, "no quota left"),
    retried(Fault::InternalError, UNAVAILABLE, "failed (HTTP 500)"),
    retried(Fault::ErrorBodyStalls, UNAVAILABLE, "failed (HTTP 500)").waits(Wait::Between),
    retried(Fault::BadGateway, UNAVAILABLE, "failed (HTTP 502)"),
    retried(Fault::Overloaded, UNAVAILABLE, "failed (HTTP 503)"),
    fails(Fault::ShouldNotRetry, UNAVAILABLE, "failed (HTTP 503)"),
    retried(Fault::GatewayTimeout, UNAVAILABLE, "failed (HTTP 504)"),
    fails(Fault::Redirect, CONFIG, "redirects elsewhere"),
    fails(Fault::RedirectElsewhere, CONFIG, "redirects elsewhere"),
];

const STALLS: &[Scenario] = &[
    fails(
        Fault::StallBeforeHeaders,
        UNAVAILABLE,
        "did not begin to answer",
    )
    .waits(Wait::FirstByte),
    fails(
        Fault::StallAfterHeaders,
        UNAVAILABLE,
        "did not begin to answer",
    )
    .waits(Wait::FirstByte),
    fails(
        Fault::StallBeforeFirstDelta,
        UNAVAILABLE,
        "stopped in the middle",
    )
    .waits(Wait::Between),
    partial(Fault::StallMidStream, UNAVAILABLE, "stopped in the middle").waits(Wait::Between),
    partial(Fault::KeepAlivesOnly, UNAVAILABLE, "did not finish").waits(Wait::Total),
    whole(Fault::StallAfterFinish).waits(Wait::AfterFinish),
    whole(Fault::Slow),
];

const HOSTILE: &[Scenario] = &[
    retried(Fault::SecretsInError, UNAVAILABLE, "failed (HTTP 500)"),
    fails(Fault::ControlsInError, DATA, "rejects the request"),
    retried(Fault::HugeError, UNAVAILABLE, "failed (HTTP 500)"),
    whole(Fault::ControlsInText),
];

/// All scenarios as Markdown, a table a group.
#[must_use]
pub fn table() -> String {
    let mut text = String::new();
    for (title, group) in GROUPS {
        // Writing into a string does not fail.
        let _ = write!(
            text,
            "\n## {title}\n\n| scenario | the server | exit | standard error says | kept | requests |\n|---|---|---|---|---|---|\n"
        );
        for scenario in *group {
            let kept = match scenario.kept {
                Kept::Nothing => "nothing",
                Kept::Partial => "partial answer, marked",
                Kept::Whole => "whole answer",
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {kept} | {} |",
                scenario.fault,
                scenario.fault.about(),
                scenario.exit(),
                scenario.says,
                scenario.requests,
            );
        }
    }
    text
}
