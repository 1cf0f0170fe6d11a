//! What a person sees: answers as they stream, what commands show, notices and questions.
//!
//! Answers and command output go to standard output, everything else to standard error. Text that this
//! program did not write has its control characters made visible before it gets here or on the way out.
//! A closed standard output ends the turn that writes to it.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

use async_trait::async_trait;
use comfy_table::{ContentArrangement, Table, presets};
use mini_llm_chat_engine::services::Console;
use mini_llm_chat_sandbox::contract::Failure;
use mini_llm_chat_sandbox::services::Output;
use mini_llm_chat_sandbox::{PluginName, printable};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::prompt::Hidden;
use crate::repl::editor::{self, Input, Order};
use crate::terminal;

/// Standard output and standard error, and the line editor where there is one to ask.
pub(crate) struct Screen {
    closed: AtomicBool,
    /// The last line of standard error is a countdown, to be replaced by what comes next.
    counting: AtomicBool,
    editor: Option<mpsc::Sender<Order>>,
    /// Ends the command that runs.
    running: Mutex<CancellationToken>,
}

/// A longer question is cut: it must not push the name of who asks off the screen.
const MAX_QUESTION_CHARS: usize = 300;

impl Screen {
    /// Questions are asked through `editor`; without it every answer is no.
    pub(crate) fn new(editor: Option<mpsc::Sender<Order>>) -> Self {
        Self {
            closed: AtomicBool::new(false),
            counting: AtomicBool::new(false),
            editor,
            running: Mutex::default(),
        }
    }

    /// From now on Ctrl-C at a question cancels this.
    pub(crate) fn runs(&self, cancel: &CancellationToken) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = cancel.clone();
    }

    /// Writes to standard output at once.
    pub(crate) fn put(&self, text: &str) {
        self.end_countdown();
        let mut out = std::io::stdout().lock();
        if out
            .write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .is_err()
        {
            self.closed.store(true, Ordering::Relaxed);
        }
    }

    /// Writes foreign text to standard output at once.
    pub(crate) fn put_foreign(&self, text: &str) {
        self.put(&printable::block(text));
    }

    /// One line on standard error.
    pub(crate) fn note(&self, line: &str) {
        self.end_countdown();
        // With standard error closed there is nobody left to tell.
        writeln!(std::io::stderr().lock(), "{}", printable::inline(line)).ok();
    }

    /// A line on standard error that the next one replaces; where that is no terminal, the first alone. It is cut to
    /// the width of the terminal: of a line that wraps only the last row could be replaced.
    pub(crate) fn count_down(&self, line: &str) {
        let again = self.counting.swap(true, Ordering::Relaxed);
        let mut out = std::io::stderr().lock();
        if out.is_terminal() {
            // Room for the ellipsis, and for the cursor behind it.
            let line = printable::line(line, terminal::columns().saturating_sub(2));
            write!(out, "\r\x1b[K{line}")
                .and_then(|()| out.flush())
                .ok();
        } else if !again {
            writeln!(out, "{line}").ok();
        }
    }

    fn end_countdown(&self) {
        if self.counting.swap(false, Ordering::Relaxed) && std::io::stderr().is_terminal() {
            write!(std::io::stderr().lock(), "\r\x1b[K").ok();
        }
    }

    /// Standard output can no longer be written to.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    async fn ask(&self, question: &str) -> bool {
        let Some(editor) = &self.editor else {
            return false;
        };
        let question = printable::line(question, MAX_QUESTION_CHARS);
        let answer = editor::ask(editor, format!("{question} [y/N] "), String::new()).await;
        if matches!(answer, Ok(Input::Interrupted)) {
            self.interrupt().await;
        }
        matches!(answer, Ok(Input::Line(line)) if matches!(line.trim(), "y" | "Y" | "yes"))
    }

    /// Ends the command that runs: it is dropped here, before it can ask again.
    async fn interrupt(&self) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .cancel();
        std::future::pending::<()>().await;
    }

    fn shown(&self) -> Result<(), Failure> {
        if self.is_closed() {
            return Err(Failure::Unavailable("standard output is closed".to_owned()));
        }
        Ok(())
    }
}

/// Rows in columns, without lines between them.
pub(crate) fn table(header: &[String], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    if header.iter().any(|cell| !cell.is_empty()) {
        table.set_header(header);
    }
    table.add_rows(rows);
    table.trim_fmt() + "\n"
}

/// There is a person who can answer, and see what is asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Both ends are a person's terminal.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

#[async_trait]
impl Output for Screen {
    async fn text(&self, _plugin: &PluginName, text: &str) -> Result<(), Failure> {
        self.put_foreign(&format!("{}\n", text.trim_end_matches('\n')));
        self.shown()
    }

    async fn markdown(&self, plugin: &PluginName, source: &str) -> Result<(), Failure> {
        self.text(plugin, source).await
    }

    async fn table(
        &self,
        plugin: &PluginName,
        header: &[String],
        rows: &[Vec<String>],
    ) -> Result<(), Failure> {
        self.text(plugin, &table(header, rows)).await
    }

    async fn confirm(&self, plugin: &PluginName, question: &str) -> Result<bool, Failure> {
        Ok(self
            .ask(&format!("the plugin {plugin} asks: {question}"))
            .await)
    }
}

#[async_trait]
impl Console for Screen {
    async fn confirm_as_host(&self, question: &str) -> bool {
        self.ask(&format!("mini-llm-chat asks: {question}")).await
    }

    async fn secret_as_host(&self, question: &str) -> Option<SecretString> {
        let editor = self.editor.as_ref()?;
        let question = printable::line(question, MAX_QUESTION_CHARS);
        match editor::ask_hidden(editor, format!("{question} ")).await {
            Ok(Hidden::Typed(secret)) => Some(secret),
            Ok(Hidden::Interrupted) => {
                self.interrupt().await;
                None
            }
            Ok(Hidden::End) | Err(_) => None,
        }
    }
}
