//! Where lines come from: a person with a line editor, or a pipe.
//!
//! The editor blocks, so it lives on a thread of its own and is asked through a channel. While it does not
//! read, it can still be told what to remember: a message is in the history file before its answer begins,
//! in the form that the policy let pass.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use mini_llm_chat_sandbox::printable;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor, ExternalPrinter};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Stdin};
use tokio::sync::oneshot;

use super::history::{self, History};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::prompt::{self, Hidden};

/// A longer line from a pipe is refused, so that input without an end does not fill the memory.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

/// What came of asking for a line.
pub(crate) enum Input {
    Line(String),
    /// Ctrl-C at the prompt.
    Interrupted,
    /// Ctrl-D, or the end of the pipe.
    End,
}

/// A source of lines.
pub(crate) enum Lines {
    Person {
        orders: mpsc::Sender<Order>,
        above: Option<AbovePrompt>,
    },
    Pipe(BufReader<Stdin>),
}

/// Shows lines above the prompt while the person types.
#[derive(Clone)]
pub(crate) struct AbovePrompt(Arc<Mutex<Box<dyn ExternalPrinter + Send>>>);

impl AbovePrompt {
    /// One line; control characters in it are made visible.
    pub(super) fn print(&self, line: &str) {
        let line = format!("{}\n", printable::inline(line));
        let mut printer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A terminal that is gone shows nothing.
        printer.print(line).ok();
    }
}

/// What the editor's thread can be asked for.
pub(crate) enum Order {
    Read {
        prompt: String,
        initial: String,
        answer: oneshot::Sender<Result<Input>>,
    },
    Remember(String),
    /// A line that is not shown while it is typed.
    Secret {
        prompt: String,
        answer: oneshot::Sender<Result<Hidden>>,
    },
}

impl Lines {
    /// A line editor with its history in `history`.
    ///
    /// # Errors
    /// When the terminal cannot be used.
    pub(super) fn person(history: Option<PathBuf>) -> Result<Self> {
        let history = History::new(history);
        let (orders, inbox) = mpsc::channel();
        let mut editor = editor(&history).map_err(|error| terminal(&error))?;
        // Not every terminal can: then such lines appear at the prompt.
        let above = editor.create_external_printer().ok();
        let above = above.map(|printer| AbovePrompt(Arc::new(Mutex::new(Box::new(printer)))));
        std::thread::Builder::new()
            .name("line-editor".to_owned())
            .spawn(move || serve(editor, history, &inbox))
            .map_err(|error| {
                Failure::new(
                    Exit::Internal,
                    format_args!("cannot start the line editor: {error}"),
                )
            })?;
        Ok(Self::Person { orders, above })
    }

    /// Standard input, line by line.
    pub(super) fn pipe() -> Self {
        Self::Pipe(BufReader::new(tokio::io::stdin()))
    }

    /// The next line; a person sees `prompt` and finds `initial` in the line already.
    ///
    /// # Errors
    /// When the terminal fails, or a pipe holds what is not UTF-8.
    pub(super) async fn next(&mut self, prompt: &str, initial: String) -> Result<Input> {
        match self {
            Self::Person { orders, .. } => ask(orders, prompt.to_owned(), initial).await,
            Self::Pipe(input) => {
                let mut line = Vec::new();
                let read = input
                    .take(MAX_LINE_BYTES)
                    .read_until(b'\n', &mut line)
                    .await;
                read.map_err(|error| {
                    Failure::new(
                        Exit::Data,
                        format_args!("cannot read standard input: {error}"),
                    )
                })?;
                if line.is_empty() {
                    return Ok(Input::End);
                }
                if line.len() as u64 == MAX_LINE_BYTES {
                    return Err(Failure::new(
                        Exit::Data,
                        "standard input has a line of more than 16 MiB: no message is so long",
                    ));
                }
                let text = String::from_utf8(line).map_err(|_| {
                    Failure::new(
                        Exit::Data,
                        "standard input is not UTF-8: convert it first, for example with iconv",
                    )
                })?;
                Ok(Input::Line(text.trim_end_matches(['\r', '\n']).to_owned()))
            }
        }
    }

    /// Where lines go while the person types; nowhere of its own for a pipe.
    pub(super) fn above_the_prompt(&self) -> Option<AbovePrompt> {
        match self {
            Self::Person { above, .. } => above.clone(),
            Self::Pipe(_) => None,
        }
    }

    /// Where questions to the person go.
    pub(super) fn editor(&self) -> Option<mpsc::Sender<Order>> {
        match self {
            Self::Person { orders, .. } => Some(orders.clone()),
            Self::Pipe(_) => None,
        }
    }

    /// Puts a message into the history.
    pub(super) fn remember(&self, message: &str) {
        if let Self::Person { orders, .. } = self {
            // Fails only when the editor's thread is gone; there is no history to write then.
            orders.send(Order::Remember(message.to_owned())).ok();
        }
    }
}

/// Asks the person at the editor for a line.
pub(crate) async fn ask(
    orders: &mpsc::Sender<Order>,
    prompt: String,
    initial: String,
) -> Result<Input> {
    let (answer, line) = oneshot::channel();
    // Both fail only when the editor's thread is gone, which is the end of input.
    if orders
        .send(Order::Read {
            prompt,
            initial,
            answer,
        })
        .is_err()
    {
        return Ok(Input::End);
    }
    line.await.unwrap_or(Ok(Input::End))
}

/// Asks the person at the editor for a line that is not shown.
pub(crate) async fn ask_hidden(orders: &mpsc::Sender<Order>, prompt: String) -> Result<Hidden> {
    let (answer, line) = oneshot::channel();
    // As in `ask`.
    if orders.send(Order::Secret { prompt, answer }).is_err() {
        return Ok(Hidden::End);
    }
    line.await.unwrap_or(Ok(Hidden::End))
}

fn editor(history: &History) -> rustyline::Result<Editor<(), DefaultHistory>> {
    let config = Config::builder()
        .max_history_size(history::ENTRIES)?
        .history_ignore_space(true)
        .build();
    let mut editor = Editor::with_config(config)?;
    for entry in history.load() {
        editor.add_history_entry(entry)?;
    }
    Ok(editor)
}

fn serve(mut editor: Editor<(), DefaultHistory>, history: History, inbox: &mpsc::Receiver<Order>) {
    for order in inbox {
        match order {
            Order::Read {
                prompt,
                initial,
                answer,
            } => {
                // The editor writes to the terminal what it is given.
                let initial = history::shown(&initial);
                let input = match editor.readline_with_initial(&prompt, (&initial, "")) {
                    Ok(line) => Ok(Input::Line(line)),
                    Err(ReadlineError::Interrupted) => Ok(Input::Interrupted),
                    Err(ReadlineError::Eof) => Ok(Input::End),
                    Err(error) => Err(terminal(&error)),
                };
                // The asker is gone only when the process ends.
                answer.send(input).ok();
            }
            Order::Secret { prompt, answer } => {
                answer.send(prompt::hidden(&prompt)).ok();
            }
            Order::Remember(message) => {
                let shown = history::shown(&message);
                if let Ok(true) = editor.add_history_entry(&shown) {
                    history.append(&message);
                }
            }
        }
    }
}

fn terminal(error: &ReadlineError) -> Failure {
    Failure::new(
        Exit::Internal,
        format_args!("the terminal cannot be used: {error}"),
    )
}
