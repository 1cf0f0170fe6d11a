//! What can go wrong before a plugin is used, in the words that the operator reads.

use std::fmt;

use crate::names::{Kind, PluginName};

/// Why the sandbox cannot work.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// wasmtime refused its configuration: this machine cannot run components.
    #[error("the WebAssembly engine cannot start on this machine: {0}")]
    Engine(String),
    /// No thread for the deadlines of guests.
    #[error("the thread that keeps the time limits of plugins cannot start: {0}")]
    Ticker(std::io::Error),
    /// Plugins were refused, each with all its problems.
    #[error("{}", join(.0))]
    Refused(Vec<Refusal>),
}

fn join(refusals: &[Refusal]) -> String {
    refusals
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A file, a directory or a plugin that cannot be used, with every problem that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is refused: a file or directory as it was named, or a built-in plugin.
    pub subject: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

impl Refusal {
    /// A refusal for these problems.
    #[must_use]
    pub fn new(subject: impl Into<String>, problems: Vec<Problem>) -> Self {
        Self {
            subject: subject.into(),
            problems,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = crate::printable::inline(&self.subject);
        if let [problem] = self.problems.as_slice() {
            return write!(f, "{subject}: {problem}");
        }
        write!(f, "{subject}:")?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for Refusal {}

/// One reason to refuse a plugin. Display says what is wrong and, where there is one, the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The bytes are no component that this host can use.
    #[error("{0}")]
    NotAComponent(NotAComponent),
    /// A number that decides what compiling costs is beyond its bound.
    #[error("it has {found} {what}, at most {limit} are allowed")]
    TooMuch {
        /// What was counted, with its unit.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much may be.
        limit: u64,
    },
    /// Exports none of the plugin interfaces.
    #[error(
        "it is a component but no plugin: it exports neither redactor, prompt-policy nor commands of mini-llm-chat:plugin@0.1.0"
    )]
    NoKind,
    /// Exports several of the plugin interfaces.
    #[error("it exports {}, but a plugin is of one kind; split it into one component a kind", list(.0))]
    SeveralKinds(Vec<&'static str>),
    /// Made for another track of the contract.
    #[error("it is made for contract {made_for} (`{interface}`), this host speaks {}; {}", crate::admission::CONTRACT,
        if *.newer { "update mini-llm-chat or use an older build of the plugin" } else { "use a newer build of the plugin" })]
    OtherContract {
        /// The interface that says so.
        interface: String,
        /// Such as `0.2`.
        made_for: String,
        /// Whether the plugin is ahead of the host.
        newer: bool,
    },
    /// Exports something that the host has no use for.
    #[error("it exports `{0}`, which is no part of the contract; remove that export")]
    UnknownExport(String),
    /// Imports that an operator may grant, and did not.
    #[error(
        "it calls {}, which is not granted to it; if you trust it with that, add to the configuration file:\n      [plugins.{plugin}]\n      grants = [{}]",
        list(.imports), quoted(.grants)
    )]
    Ungranted {
        /// The plugin, as its section in the configuration is called.
        plugin: PluginName,
        /// The interfaces.
        imports: Vec<String>,
        /// All grants that it needs, with those it has.
        grants: Vec<&'static str>,
    },
    /// Imports that no plugin of this kind can be granted.
    #[error("it calls {}, which a {kind} plugin may never call", list(.imports))]
    Forbidden {
        /// What the plugin is.
        kind: Kind,
        /// The interfaces.
        imports: Vec<String>,
    },
    /// Grants to a plugin of a kind that cannot have any.
    #[error(
        "it is a {0}, which cannot be granted anything: take `grants` out of its section of the config"
    )]
    UselessGrants(Kind),
    /// Imports that this host does not offer to anyone.
    #[error("it calls {}, which this host does not offer; build it against the contract in wit/", list(.0))]
    UnknownImports(Vec<String>),
    /// wasmtime refused to compile it.
    #[error("it cannot be compiled: {0}")]
    Compile(String),
    /// Compiling took too long.
    #[error("compiling it takes longer than {0} seconds; make its functions smaller or fewer")]
    CompileTime(u64),
    /// A file or directory cannot be used, and why.
    #[error("{0}")]
    File(FileProblem),
    /// The lock does not allow it.
    #[error("{0}")]
    Lock(LockProblem),
    /// A TOML file is broken, with the place.
    #[error("line {line}, column {column}: {message}")]
    Toml {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// A grant that does not exist.
    #[error("`{0}` is no grant; there are {all}", all = list(&crate::names::Grant::ALL.map(crate::names::Grant::name)))]
    UnknownGrant(String),
    /// `grants` is something else than a list of names.
    #[error("`grants` must be a list of names, such as grants = [\"storage\"]")]
    GrantsShape,
    /// Creating an instance failed or took too much.
    #[error("it does not start: {0}")]
    Start(String),
    /// A call that admission makes failed.
    #[error("its function `{call}` failed when it was checked: {cause}")]
    Call {
        /// The function, such as `kinds`.
        call: &'static str,
        /// What happened.
        cause: String,
    },
    /// A table that is read once at admission breaks the rules of the contract.
    #[error("`{table}` says something that the contract does not allow: {why}")]
    Table {
        /// `kinds`, `rules` or `describe`.
        table: &'static str,
        /// What is wrong, with the entry.
        why: String,
    },
    /// The plugin itself refuses its settings.
    #[error("setting `{key}`: {message}")]
    Setting {
        /// Dotted key.
        key: String,
        /// In the plugin's words, made printable.
        message: String,
    },
    /// Several plugins bring the same command.
    #[error(
        "the command `{command}` is also brought by {other}; rename one or remove one of the two files"
    )]
    DuplicateCommand {
        /// Name or alias.
        command: String,
        /// The plugin that brings it too, or the host.
        other: String,
    },
    /// What the operator says of the plugins cannot be read.
    #[error("{0}")]
    Operator(String),
    /// A kind was expected that the component is not.
    #[error(
        "it is a {found} plugin, but its name is that of the built-in {expected} plugin; rename the file"
    )]
    WrongKind {
        /// What it is.
        found: Kind,
        /// What the name stands for.
        expected: Kind,
    },
    /// A kind that nothing is there for.
    #[error("there is no {0} plugin; the chat does not run without one")]
    NoPlugin(Kind),
    /// Two files give the same plugin.
    #[error("the plugin `{0}` is there twice; remove or rename one of the files")]
    DuplicateName(PluginName),
}

/// Why bytes are no component.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAComponent {
    /// Zero bytes.
    #[error("the file is empty")]
    Empty,
    /// More bytes than allowed.
    #[error("it has more than {} MiB, which is the most for a component", .0 >> 20)]
    TooLarge(u64),
    /// WebAssembly text format.
    #[error("it is WebAssembly text, not a binary component; translate it with `wasm-tools parse`")]
    WasmText,
    /// Any other text.
    #[error("it is a text file, not a binary component")]
    Text,
    /// A core module.
    #[error(
        "it is a core module, not a component; make a component of it with `wasm-tools component new`"
    )]
    CoreModule,
    /// Machine code, also when wasmtime made it.
    #[error(
        "it is native code, which is never loaded as a plugin; use the .wasm file it was made from"
    )]
    NativeCode,
    /// A binary format that is not known here.
    #[error("it is not a WebAssembly component")]
    Foreign,
    /// A version of the component binary format that is not known here.
    #[error(
        "it is in version {0} of the component binary format, this host reads version 13; rebuild it with current tools"
    )]
    FormatVersion(u16),
    /// The file ends too early.
    #[error("it is cut off after {0} bytes; copy or build it again")]
    Truncated(u64),
    /// Not well-formed.
    #[error("it is not a valid component: {message} (at byte {offset})")]
    Invalid {
        /// In the validator's words.
        message: String,
        /// From the start of the file.
        offset: u64,
    },
}

impl From<NotAComponent> for Problem {
    fn from(reason: NotAComponent) -> Self {
        Self::NotAComponent(reason)
    }
}

/// Why a file or directory is not used. The subject of the refusal names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// Nothing there.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// A plugin directory that is something else.
    #[error("it is not a directory")]
    NotADirectory,
    /// The system refuses to read it.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// A file that has no place in a plugin directory.
    #[error(
        "it has no place in a plugin directory, which holds NAME.wasm, NAME.toml, plugins.lock, README and dot files; rename or remove it"
    )]
    Stray,
    /// A directory, FIFO, socket or device under a file's name.
    #[error("it is a {0}, not a regular file; remove it")]
    NotAFile(&'static str),
    /// A link out of the plugin directory.
    #[error("it is a link that leaves the plugin directory; copy the file in instead")]
    LinkLeaves,
    /// A link to nothing.
    #[error("it is a link to something that is not there")]
    LinkBroken,
    /// Others may change it.
    #[error("others can write to {path} (mode {mode:04o}); run: chmod go-w {path}")]
    WritableByOthers {
        /// File or directory.
        path: String,
        /// The permission bits.
        mode: u32,
    },
    /// Others may read or change what must be this user's alone.
    #[error("{path} is open to others (mode {mode:04o}); run: chmod go= {path}")]
    NotPrivate {
        /// File or directory.
        path: String,
        /// The permission bits.
        mode: u32,
    },
    /// It belongs to another user.
    #[error(
        "{path} belongs to user {owner}, but must belong to you or to root; run: chown {user} {path}"
    )]
    OwnedByOther {
        /// File or directory.
        path: String,
        /// The number of the owner.
        owner: u32,
        /// The number of the user who runs this.
        user: u32,
    },
    /// More bytes than are read.
    #[error("it has more than {} KiB, which is the most for such a file", .0 >> 10)]
    TooLarge(u64),
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// A file name that gives no plugin name.
    #[error(
        "its name gives no plugin name: use 1 to 64 of a-z, 0-9 and -, after an optional order such as 10-"
    )]
    BadName,
    /// Settings for nothing.
    #[error("there is no {0}.wasm for these settings; remove the file or correct its name")]
    Orphan(PluginName),
    /// More files than are looked at.
    #[error("it holds more than {0} files; a plugin directory is not that large")]
    TooManyFiles(usize),
    /// It cannot be written.
    #[error("it cannot be written: {0}")]
    Unwritable(String),
}

impl From<FileProblem> for Problem {
    fn from(reason: FileProblem) -> Self {
        Self::File(reason)
    }
}

/// Why the lock refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockProblem {
    /// The configuration requires one.
    #[error(
        "the configuration requires a lock, and there is none; write it with: mini-llm-chat plugins lock DIR"
    )]
    Required,
    /// Other bytes than when it was locked.
    #[error("it changed since it was locked; check it, then run: mini-llm-chat plugins lock")]
    Changed,
    /// Not in the lock.
    #[error("it is not in the lock; check it, then run: mini-llm-chat plugins lock")]
    Unlisted,
    /// In the lock and not there.
    #[error(
        "it is in the lock, but not in the directory; put it back, or run: mini-llm-chat plugins lock"
    )]
    Missing,
    /// A version of the lock's format that is not known.
    #[error(
        "it is in version {0} of the lock format, this host reads version 1; update mini-llm-chat"
    )]
    Version(i64),
}

impl From<LockProblem> for Problem {
    fn from(reason: LockProblem) -> Self {
        Self::Lock(reason)
    }
}

fn list<T: AsRef<str>>(names: &[T]) -> String {
    join_with(names, '`')
}

fn quoted(names: &[&str]) -> String {
    join_with(names, '"')
}

fn join_with<T: AsRef<str>>(names: &[T], quote: char) -> String {
    names
        .iter()
        .map(|name| format!("{quote}{}{quote}", name.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}
