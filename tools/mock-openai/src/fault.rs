//! Every way in which the mock departs from a plain answer, in one list.
//!
//! Some are faults, some are shapes that real servers send and that a client must read as a plain answer. They share
//! one enum so that a client's tests can walk them all and no scenario is forgotten: matching on it without a
//! wildcard fails to compile when a new one is added.

use std::fmt;
use std::str::FromStr;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// One departure from a plain streamed answer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault { $($(#[doc = $doc])+ $variant,)+ }

        impl Fault {
            /// All of them, in the order of the list.
            pub const ALL: &'static [Fault] = &[$(Fault::$variant,)+];

            /// The name in `mock-NAME` models and `mock:NAME` prompts.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Fault::$variant => $name,)+ }
            }

            /// What the server does.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Fault::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

faults! {
    // Framing: a client must read each of these as the plain answer.
    /// Lines end in a lone CR.
    CrLines = "cr-lines",
    /// Lines end in CRLF.
    CrLfLines = "crlf-lines",
    /// Comments and keep-alives before and between the events.
    Comments = "comments",
    /// `data:` without the space after the colon.
    NoSpaceAfterColon = "no-space",
    /// Each event's JSON spread over several `data` lines.
    SeveralDataLines = "several-data-lines",
    /// Every byte in an HTTP chunk of its own, so UTF-8 is split too.
    SplitEveryByte = "split-every-byte",
    /// U+2028 and U+0085 inside the text: line ends to some readers, not to SSE.
    LineSeparatorInData = "line-separator",
    /// A byte order mark before the first event.
    ByteOrderMark = "byte-order-mark",
    /// `id`, `retry`, `event` and unknown fields beside the data.
    UnknownFields = "unknown-fields",
    /// No `[DONE]`, and no blank line after the last event.
    NoFinalBlankLine = "no-final-blank-line",
    /// One event of 200 KiB.
    LargeEvent = "large-event",
    /// The body is gzip, flushed after each event.
    Gzip = "gzip",
    /// A whole gzip body whose checksum at the end is wrong.
    GzipBadSum = "gzip-bad-sum",
    /// A character of the text is not UTF-8.
    NotUtf8 = "not-utf8",
    /// The body is declared as Brotli, which was not asked for.
    UnknownEncoding = "unknown-encoding",

    // Shapes of chunks.
    /// Every chunk carries `content: null` beside what matters, and some carry nothing else.
    NullContent = "null-content",
    /// A chunk whose `choices` is empty, before and between the deltas.
    EmptyChoices = "empty-choices",
    /// Azure's first chunk: no choices, prompt filter results; later content filter results.
    AzureFirstChunk = "azure-first-chunk",
    /// Chunks with an empty `choices` after the usage chunk.
    ChunksAfterUsage = "chunks-after-usage",
    /// Fields that no one asked for: `obfuscation`, `service_tier`, nested objects.
    PaddingFields = "padding-fields",
    /// A second choice (index 1) interleaved with the first.
    SecondChoice = "second-choice",
    /// Content as a list of parts instead of a string.
    ContentParts = "content-parts",
    /// Reasoning and citations as parts of the content, as Mistral sends them.
    ThinkingParts = "thinking-parts",
    /// `text` in the choice instead of a delta, as in the older completions.
    ChoiceText = "choice-text",
    /// The same text in the delta and as `text` of the choice, as Together sends it.
    TextBesideDelta = "text-beside-delta",
    /// The finish reason beside the last text.
    FinishWithText = "finish-with-text",
    /// Usage so far in every chunk.
    UsageInEveryChunk = "usage-in-every-chunk",
    /// No usage chunk, though the client asked for one.
    NoUsage = "no-usage",
    /// `reasoning_content` deltas before the answer.
    ReasoningContent = "reasoning-content",
    /// `reasoning` deltas before the answer.
    Reasoning = "reasoning",
    /// `reasoning` deltas between those of the answer.
    ThinkingBetween = "thinking-between",
    /// `refusal` deltas instead of an answer.
    Refusal = "refusal",
    /// `refusal` deltas after some of the answer.
    RefusalAfterText = "refusal-after-text",
    /// The finish reason is a vendor's own word, `eos`.
    VendorFinish = "vendor-finish",
    /// The finish reason is a word that nobody knows.
    UnknownFinish = "unknown-finish",
    /// One whole `chat.completion` as JSON, though a stream was asked for.
    CompleteJson = "complete-json",
    /// The whole message beside the finish reason, after its deltas.
    MessageAfterDeltas = "message-after-deltas",
    /// Empty deltas, and the whole message beside the finish reason.
    MessageAtTheEnd = "message-at-the-end",
    /// Some of the answer as deltas, and all of it as the message beside the last of them.
    MessageBesideDelta = "message-beside-delta",
    /// Errors without a word beside every text, and a `ping` with a message.
    EmptyErrors = "empty-errors",

    // Endings.
    /// Finish reason `length`.
    Length = "length",
    /// Finish reason `length` inside the only word.
    LengthInWord = "length-in-word",
    /// Finish reason `content_filter`.
    ContentFilter = "content-filter",
    /// Tool-call deltas and finish reason `tool_calls`, though no tools were offered.
    ToolCalls = "tool-calls",
    /// The older `function_call` deltas and finish reason.
    FunctionCall = "function-call",
    /// A whole text, then finish reason `tool_calls`.
    ToolCallsAfterText = "tool-calls-after-text",
    /// Finish reason `stop` without any text.
    EmptyAnswer = "empty-answer",
    /// Reasoning up to the token limit, no text.
    ReasoningToTheLimit = "reasoning-to-the-limit",
    /// A finish reason, then the end without `[DONE]`.
    NoDone = "no-done",
    /// The connection breaks after the finish reason.
    CutAfterFinish = "cut-after-finish",
    /// More text after `[DONE]`.
    TextAfterDone = "text-after-done",
    /// An error object after the finish reason.
    ErrorAfterFinish = "error-after-finish",
    /// `[DONE]` without any finish reason.
    NoFinishReason = "no-finish-reason",
    /// The body ends in good order after some deltas, without finish reason and `[DONE]`.
    EndMidStream = "end-mid-stream",
    /// The connection breaks after some deltas.
    CutMidStream = "cut",
    /// The connection breaks inside a character of an event.
    CutInCharacter = "cut-in-character",
    /// The body ends in good order inside an event.
    EndInEvent = "end-in-event",
    /// The connection breaks inside a gzip body.
    GzipCut = "gzip-cut",
    /// A gzip body that ends in good order after some deltas, with a wrong checksum.
    GzipCutBadSum = "gzip-cut-bad-sum",
    /// The connection breaks after the headers.
    CutBeforeFirstDelta = "cut-before-first-delta",
    /// The connection is closed without any response.
    CloseWithoutResponse = "close-without-response",
    /// An error object as data, after some deltas.
    ErrorData = "error-data",
    /// An error object as the first data.
    ErrorFirst = "error-first",
    /// `event: error`, after some deltas.
    ErrorEvent = "error-event",
    /// A line `error:` instead of `data:`, as llama.cpp sends it, after some deltas.
    ErrorField = "error-field",
    /// `event: error` without data, after some deltas and before a finish reason.
    EmptyErrorEvent = "error-event-empty",
    /// A bare `detail`, as FastAPI writes errors, after some deltas and before a finish reason.
    DetailChunk = "detail-chunk",
    /// A bare list `errors`, after some deltas and before a finish reason.
    ErrorsChunk = "errors-chunk",
    /// A bare `code` with `msg`, after some deltas and before a finish reason.
    CodeChunk = "code-chunk",
    /// A bare `status` that is `error`, after some deltas and before a finish reason.
    StatusChunk = "status-chunk",
    /// Usage and a `status` that is `failed` beside empty `choices`, after some deltas and before a finish reason.
    FailureBesideUsage = "failure-beside-usage",
    /// Finish reason `ERROR`.
    ErrorFinish = "error-finish",
    /// An error object beside `choices`, with finish reason `error`.
    ErrorBesideChoices = "error-beside-choices",
    /// Status 200 and a JSON error body.
    JsonErrorWith200 = "json-error-with-200",
    /// Status 200, content type of an event stream, and a bare JSON error.
    JsonErrorAsStream = "json-error-as-stream",
    /// Status 200 and an HTML page.
    HtmlWith200 = "html-with-200",
    /// Status 200, content type of an event stream, and an HTML page.
    HtmlAsStream = "html-as-stream",
    /// Data that is not JSON, after some deltas.
    GarbageData = "garbage",
    /// JSON of another kind (an array, a number) as data.
    WrongJson = "wrong-json",
    /// Content that is a number, between deltas that are text.
    NumberContent = "number-content",
    /// Content with a part that is no text, between deltas that are text.
    UnknownPart = "unknown-part",
    /// One event that never ends, 4 MiB of it.
    EndlessEvent = "endless-event",
    /// Status 200 and no body at all.
    EmptyBody = "empty-body",
    /// Status 202 and a JSON body.
    Accepted = "202",

    // HTTP errors.
    /// 400, the context length is exceeded.
    ContextLength = "400-context-length",
    /// 400, the context length is exceeded, in the words and the shape of vLLM.
    ContextLengthVllm = "400-context-length-vllm",
    /// 400, Azure's filter refused the prompt.
    PromptFiltered = "400-content-filter",
    /// 400, a parameter is not supported.
    UnsupportedParameter = "400-unsupported-parameter",
    /// 401.
    Unauthorized = "401",
    /// 402.
    PaymentRequired = "402",
    /// 403.
    Forbidden = "403",
    /// 404, no such model.
    ModelNotFound = "404",
    /// 404 with an HTML page.
    NotFoundPage = "404-page",
    /// 408.
    RequestTimeout = "408",
    /// 409.
    Conflict = "409",
    /// 413 with an HTML page.
    TooLarge = "413",
    /// 422 in the shape of FastAPI (`detail`).
    Unprocessable = "422",
    /// 429 without any `retry-after`.
    RateLimitPlain = "429-plain",
    /// 429 with `retry-after: 1`.
    RateLimitSeconds = "429",
    /// 429 with `retry-after-ms: 1500`.
    RateLimitMilliseconds = "429-ms",
    /// 429 with a date in `retry-after`, 20 s ahead.
    RateLimitDate = "429-date",
    /// 429 `insufficient_quota`.
    InsufficientQuota = "429-quota",
    /// 500.
    InternalError = "500",
    /// 500 whose body begins and never ends.
    ErrorBodyStalls = "500-stalled-body",
    /// 502 with an HTML page.
    BadGateway = "502",
    /// 503.
    Overloaded = "503",
    /// 503 with `x-should-retry: false`.
    ShouldNotRetry = "503-no-retry",
    /// 504 with an empty body.
    GatewayTimeout = "504",
    /// 307 to another path of the same server.
    Redirect = "redirect",
    /// 302 to another server.
    RedirectElsewhere = "redirect-elsewhere",

    // Stalls.
    /// Nothing at all after the request.
    StallBeforeHeaders = "stall",
    /// Headers, then nothing.
    StallAfterHeaders = "stall-after-headers",
    /// The author's role, then nothing.
    StallBeforeFirstDelta = "stall-before-first-delta",
    /// Some deltas, then nothing.
    StallMidStream = "stall-mid-stream",
    /// Some deltas, then keep-alive comments without end.
    KeepAlivesOnly = "keep-alives-only",
    /// Finish reason and usage, then neither `[DONE]` nor an end.
    StallAfterFinish = "stall-after-finish",
    /// Every delta after a pause.
    Slow = "slow-server",

    // Hostile content.
    /// 500 whose body and headers carry the request's own key and another one.
    SecretsInError = "secrets-in-error",
    /// 400 whose message carries ESC, CR, LF, C1 and bidi characters.
    ControlsInError = "controls-in-error",
    /// 500 with an error message of 1 MiB.
    HugeError = "huge-error",
    /// Deltas with escape sequences and bidi characters.
    ControlsInText = "controls-in-text",
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        Self::ALL
            .iter()
            .copied()
            .find(|fault| fault.name() == name)
            .ok_or(UnknownFault)
    }
}

/// No fault has that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownFault;

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no fault of the mock has that name; `mock-openai --list` prints them")
    }
}

impl std::error::Error for UnknownFault {}
