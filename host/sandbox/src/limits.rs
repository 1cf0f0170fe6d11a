//! Every ceiling of a running plugin, in one table. There is no default: each kind says each limit.
//!
//! The numbers leave room for guests that bring a language runtime (JavaScript and Python need 9 to
//! 13 MiB) and are far below what would hurt the host. Each has a hostile guest in `tests/`.

use std::time::Duration;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// What one instance of a kind may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ceilings {
    /// All linear memories together.
    pub(crate) memory_bytes: usize,
    /// All tables together.
    pub(crate) table_entries: usize,
    /// Core instances in a store; an adapter or two around one module.
    pub(crate) instances: usize,
    /// Live handles of resources.
    pub(crate) handles: usize,
    /// What may cross from guest to host in one call or one return.
    pub(crate) hostcall_bytes: usize,
    /// Processor time of a call.
    pub(crate) cpu: Duration,
    /// Processor time, beyond `cpu`, that an instance may spend once on being warmed up: in `start` and
    /// in the first call of each of its functions.
    pub(crate) warm_up: Duration,
    /// Wall time of a call, for a guest that is not computing but does not return either.
    pub(crate) wall: Duration,
    /// Calls of the host, over the life of an instance; for a redactor, in a call.
    pub(crate) host_calls: u32,
}

/// Reads a batch of log texts.
pub(crate) const REDACTOR: Ceilings = Ceilings {
    memory_bytes: 32 * MIB,
    table_entries: 20_000,
    instances: 16,
    handles: 16,
    // 64 texts with 256 spans of 12 bytes each, and as much again.
    hostcall_bytes: 512 * KIB,
    cpu: Duration::from_millis(50),
    warm_up: FIRST_CALL,
    wall: Duration::from_secs(1),
    host_calls: 64,
};

/// Reviews a prompt. The calls of the output review have less time, see [`DELTA_CPU`].
pub(crate) const POLICY: Ceilings = Ceilings {
    memory_bytes: 64 * MIB,
    table_entries: 20_000,
    instances: 16,
    handles: 16,
    hostcall_bytes: 256 * KIB,
    cpu: Duration::from_millis(50),
    warm_up: FIRST_CALL,
    wall: Duration::from_secs(1),
    host_calls: 64,
};

/// Runs a command.
pub(crate) const COMMANDS: Ceilings = Ceilings {
    memory_bytes: 128 * MIB,
    table_entries: 20_000,
    instances: 32,
    handles: 64,
    // A stored value of 1 MiB, with its key and some room.
    hostcall_bytes: MIB + 128 * KIB,
    cpu: Duration::from_secs(2),
    warm_up: FIRST_CALL,
    wall: Duration::from_secs(30),
    host_calls: 1_000,
};

/// Processor time for warming up: a guest may build automata or start a language runtime.
const FIRST_CALL: Duration = Duration::from_secs(2);

/// Wall time of a call that is still warming up.
pub(crate) const WARM_UP_WALL: Duration = Duration::from_secs(20);

/// Processor time for one delta of an answer, and for its end.
pub(crate) const DELTA_CPU: Duration = Duration::from_millis(25);

/// Wall time of a command that was granted `llm`: answers take their time.
pub(crate) const COMMAND_WALL_WITH_LLM: Duration = Duration::from_secs(120);

/// Texts in one batch for a redactor.
pub(crate) const BATCH_TEXTS: usize = 64;

/// Bytes in one batch for a redactor, context included.
pub(crate) const BATCH_BYTES: usize = 64 * KIB;

/// A longer text is given to redactors in pieces of this size.
pub(crate) const PIECE_BYTES: usize = 16 * KIB;

/// How much of the piece before is repeated as context.
pub(crate) const PIECE_OVERLAP_BYTES: usize = 4 * KIB;

/// Spans in one text or piece.
pub(crate) const SPANS_PER_TEXT: usize = 256;

/// A redactor's instance is replaced after so many texts, so that nothing grows or lingers in it.
pub(crate) const RECYCLE_AFTER_TEXTS: u64 = 65_536;

/// A redactor that faults so often in a row is not asked any more: each fault costs up to its budget,
/// and the log would stand still.
pub(crate) const ISOLATE_AFTER_FAULTS: u32 = 5;

/// After a fault inside an open secret, its source is masked up to an END line or so many lines.
pub(crate) const MASKED_LINES_AFTER_FAULT: u32 = 200;

/// Sources that a redactor keeps apart at a time. The longest unused is given up first.
pub(crate) const SOURCES: usize = 1_024;

/// The conversation that a policy may be given with a prompt, the prompt included.
pub const HISTORY_BYTES: usize = 256 * KIB;

/// One policy's system prompt.
pub(crate) const SYSTEM_PROMPT_BYTES: usize = 16 * KIB;

/// What a policy may hold back of an answer after a step.
pub(crate) const HELD_BYTES: usize = 4 * KIB;

/// Spans in one judgement or step of a policy.
pub(crate) const SPANS_PER_REVIEW: usize = 1_024;

/// Findings in one judgement or step.
pub(crate) const FINDINGS_PER_REVIEW: usize = 256;

/// What follows a command's name on its line.
pub const REST_BYTES: usize = 64 * KIB;

/// What one run of a command may write to the screen.
pub(crate) const OUTPUT_BYTES: usize = MIB;

/// Questions to the model in one run of a command.
pub(crate) const MODEL_CALLS: u32 = 8;

/// A record that a plugin writes to the log; longer ones are cut.
pub(crate) const LOG_RECORD_BYTES: usize = 4 * KIB;

/// Entries of a page of any list.
pub(crate) const PAGE: u32 = 100;

/// Columns of a table on the screen.
pub(crate) const TABLE_COLUMNS: usize = 16;

/// Rows of a table on the screen.
pub(crate) const TABLE_ROWS: usize = 1_000;

/// A key of `storage` or `cache`.
pub(crate) const KEY_BYTES: usize = 256;

/// A value of `storage` or `cache`.
pub(crate) const VALUE_BYTES: usize = MIB;

/// How long a value of `cache` may be kept.
pub(crate) const CACHE_SECONDS: std::ops::RangeInclusive<u32> = 1..=86_400;

/// An identifier in a plugin's tables: a kind, a rule or a command.
pub(crate) const ID_CHARS: usize = 40;

/// An explanation, a usage, a summary or a message in a plugin's tables.
pub(crate) const EXPLANATION_CHARS: usize = 200;

/// Entries of a plugin's table.
pub(crate) const TABLE_ENTRIES: usize = 1024;
