//! The interactive chat: reads a line, does what it says, reads the next.
//!
//! An error of one turn is one line, and the chat goes on; the message is kept for `/retry`, and a message
//! that was refused for its length or by the policy stays in the line editor. Ctrl-C stops what runs and
//! nothing else. SIGTERM and SIGHUP end a turn as partial, store it and leave.
//! SIGUSR1 loads the plugins anew, between turns.

pub(crate) mod editor;
mod history;
mod line;
pub(crate) mod tty;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mini_llm_chat_engine::engine::{Engine, HostCommand};
use mini_llm_chat_engine::ids::ConversationId;
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::services::services;
use mini_llm_chat_engine::turn::{Ending, Request, TurnError};
use mini_llm_chat_sandbox::contract::Outcome;
use mini_llm_chat_sandbox::services::Services;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::editor::{Input, Lines};
use self::line::Line;
use self::tty::SavedTerminal;
use crate::config::Settings;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::House;
use crate::screen::{Screen, is_interactive};
use crate::signals::{LOST, SIGINT, Signal, Signals, until_done};
use crate::view::{Style, View};

const PROMPT: &str = "You: ";

/// How often a chat that waits looks whether its session was ended elsewhere.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// What the front end does itself, for `help`.
pub(crate) const HOST_COMMANDS: &[HostCommand] = &[
    HostCommand {
        name: "exit",
        aliases: &["quit"],
        usage: "exit",
        summary: "Leave the chat",
    },
    HostCommand {
        name: "retry",
        aliases: &[],
        usage: "/retry",
        summary: "Send the last message again, past the cache",
    },
];

/// Chats until the person leaves.
///
/// # Errors
/// When the chat cannot be opened, or input cannot be read.
pub(crate) async fn run(settings: Settings, log: Log) -> Result<Exit> {
    // Before the line editor's first read: it replaces the handler of SIGINT while it reads.
    let mut signals = Signals::new()?;
    let opened = signals.unless_ended(House::open(&settings, log, HOST_COMMANDS, is_interactive()));
    let house = match opened.await {
        Ok(house) => house?,
        Err(signal) => return Ok(Exit::Signal(signal)),
    };
    // The line editor may be inside a read when a signal ends the chat.
    let _restored = SavedTerminal::save();
    let lines = if is_interactive() {
        Lines::person(house.history_file())?
    } else {
        Lines::pipe()
    };
    let mut chat = Chat::new(house, lines, signals);
    chat.welcome().await;
    let exit = chat.run().await;
    chat.house.close().await;
    exit
}

struct Chat {
    house: House,
    lines: Lines,
    signals: Signals,
    screen: Arc<Screen>,
    services: Services,
    /// The last message, for `/retry`, and where it was said.
    last: Option<(ConversationId, String)>,
    /// What the next line begins with.
    initial: String,
    /// Ctrl-C was the last thing typed at the prompt.
    interrupted: bool,
}

/// What came while the chat waited.
enum Wait {
    Input(Input),
    Leave(Exit),
    /// Somebody ended the session.
    Ended(Failure),
}

/// Whether the chat goes on.
enum Next {
    GoOn,
    Leave(Exit),
}

impl Chat {
    fn new(house: House, lines: Lines, signals: Signals) -> Self {
        let screen = Arc::new(Screen::new(lines.editor()));
        let services = services(house.engine.clone(), house.session.clone(), screen.clone());
        Self {
            house,
            lines,
            signals,
            screen,
            services,
            last: None,
            initial: String::new(),
            interrupted: false,
        }
    }

    /// Who is here, and where the conversation goes on.
    async fn welcome(&self) {
        if !is_interactive() {
            return;
        }
        for line in self.house.welcome().await {
            self.screen.put_foreign(&format!("{line}\n"));
        }
    }

    async fn run(&mut self) -> Result<Exit> {
        loop {
            if self.signals.take_reload() {
                let lines = reload(&self.house.engine).await;
                lines.iter().for_each(|line| self.screen.note(line));
            }
            if let Some(ended) = self.house.ended().await {
                return self.goodbye(&ended);
            }
            let input = match self.wait().await? {
                Wait::Input(input) => input,
                Wait::Leave(exit) => return Ok(exit),
                Wait::Ended(ended) => {
                    // The line that was being typed ends here.
                    self.screen.put("\n");
                    return self.goodbye(&ended);
                }
            };
            if self.screen.is_closed() {
                return Ok(Exit::OutputClosed);
            }
            match self.input(input).await {
                Next::GoOn => {}
                Next::Leave(exit) => return Ok(exit),
            }
        }
    }

    /// The next input, or the signal that ends the chat. A line that is being typed outlives a reload.
    async fn wait(&mut self) -> Result<Wait> {
        let initial = std::mem::take(&mut self.initial);
        let above = self.lines.above_the_prompt();
        let mut next = std::pin::pin!(self.lines.next(PROMPT, initial));
        let mut look = tokio::time::interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
        loop {
            let signal = tokio::select! {
                input = &mut next => return Ok(Wait::Input(input?)),
                signal = self.signals.next() => signal,
                _ = look.tick(), if self.house.session.token().is_some() => {
                    match self.house.ended().await {
                        Some(ended) => return Ok(Wait::Ended(ended)),
                        None => continue,
                    }
                }
            };
            match signal {
                Signal::Reload => {
                    let lines = reload(&self.house.engine).await;
                    lines.iter().for_each(|line| match &above {
                        Some(above) => above.print(line),
                        None => self.screen.note(line),
                    });
                }
                Signal::Interrupt => return Ok(Wait::Leave(Exit::Signal(SIGINT))),
                Signal::End(number) => return Ok(Wait::Leave(Exit::Signal(number))),
            }
        }
    }

    async fn input(&mut self, input: Input) -> Next {
        let line = match input {
            Input::End => return Next::Leave(Exit::Done),
            Input::Interrupted if self.interrupted => return Next::Leave(Exit::Done),
            Input::Interrupted => {
                self.interrupted = true;
                self.screen.note("(Ctrl-C again, Ctrl-D or `exit` leaves)");
                return Next::GoOn;
            }
            Input::Line(line) => line,
        };
        self.interrupted = false;
        match Line::parse(&line) {
            Line::Empty => Next::GoOn,
            Line::Leave => Next::Leave(Exit::Done),
            Line::Retry => match self.last.clone() {
                // After a `clear` or a `resume` it belongs to another conversation.
                Some((said_in, message)) if said_in == self.house.session.conversation() => {
                    self.say(message, true).await
                }
                _ => {
                    self.complain("there is no message of this conversation to send again");
                    Next::GoOn
                }
            },
            Line::Command { name, rest } => self.command(&name, rest).await,
            Line::Message(message) => self.say(message.to_owned(), false).await,
        }
    }

    /// One turn.
    async fn say(&mut self, prompt: String, bypass_cache: bool) -> Next {
        let accepted = Mutex::new(None);
        let (failure, signal) = self.turn(&prompt, bypass_cache, &accepted).await;
        if let Some(error) = failure {
            self.failed(&error, &prompt);
        }
        if let Some(warning) = self.house.shared.refusal() {
            self.screen.note(&format!("[{warning}]"));
        }
        // What was masked is not kept in its original form, here neither.
        let accepted = accepted
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let said_in = self.house.session.conversation();
        self.last = Some((said_in, accepted.unwrap_or(prompt)));
        after(signal)
    }

    /// Shows a turn as it runs. `accepted` gets the prompt as the policy let it pass.
    async fn turn(
        &mut self,
        prompt: &str,
        bypass_cache: bool,
        accepted: &Mutex<Option<String>>,
    ) -> (Option<TurnError>, Option<Signal>) {
        let cancel = CancellationToken::new();
        let lines = &self.lines;
        let remember = |message: &str| {
            lines.remember(message);
            *accepted.lock().unwrap_or_else(PoisonError::into_inner) = Some(message.to_owned());
        };
        let mut view = View::new(&self.screen, Style::Chat, cancel.clone(), remember);
        let request = Request {
            prompt: prompt.to_owned(),
            bypass_cache,
            wait: true,
        };
        let house = &self.house;
        let turn = house
            .engine
            .turn(&house.session, request, &mut view, &cancel);
        let hurry = house.engine.hurry();
        let (result, signal) = until_done(&mut self.signals, &cancel, &hurry, turn).await;
        let failure = match result {
            Some(Ok(report)) => {
                view.finish(&report);
                if matches!(report.ending, Ending::Broken(_)) {
                    self.screen.note("(`/retry` sends the message again)");
                }
                None
            }
            Some(Err(error)) => {
                view.end_line();
                Some(error)
            }
            None => {
                self.screen.note(LOST);
                None
            }
        };
        (failure, signal)
    }

    /// What a person can do about a turn without an answer.
    fn failed(&mut self, error: &TurnError, prompt: &str) {
        match error {
            TurnError::Cancelled => self
                .screen
                .note("[cancelled; `/retry` sends the message again]"),
            TurnError::TooLong { .. } | TurnError::Refused(_) => {
                self.complain(&self.house.words(error));
                if is_interactive() {
                    self.screen
                        .note("(the message is in the line again: edit it, or Ctrl-C clears it)");
                    prompt.clone_into(&mut self.initial);
                }
            }
            _ => {
                self.complain(&self.house.words(error));
                self.screen.note("(`/retry` sends the message again)");
            }
        }
    }

    async fn command(&mut self, name: &str, rest: &str) -> Next {
        let cancel = CancellationToken::new();
        self.screen.runs(&cancel);
        let run = async {
            let (engine, session) = (&self.house.engine, &self.house.session);
            let run = engine.command(session, &self.services, name, rest);
            tokio::select! {
                outcome = run => Some(outcome),
                () = cancel.cancelled() => None,
            }
        };
        let hurry = self.house.engine.hurry();
        let (outcome, signal) = until_done(&mut self.signals, &cancel, &hurry, run).await;
        match outcome.flatten() {
            Some(Ok(Outcome::Done)) => {}
            Some(Ok(Outcome::Send(message))) => {
                let next = Box::pin(self.say(message, false)).await;
                // What a plugin wrote is not put into the person's line.
                self.initial.clear();
                return next;
            }
            Some(Err(error)) => {
                self.complain(&error.to_string());
            }
            None => self.screen.note("[cancelled]"),
        }
        after(signal)
    }

    /// The session is over: says why.
    fn goodbye(&self, ended: &Failure) -> Result<Exit> {
        self.screen.note(&ended.to_string());
        Ok(ended.exit)
    }

    fn complain(&self, message: &str) {
        self.screen.note(&format!("Error: {message}"));
    }
}

/// A signal that ends the process does so after the turn; Ctrl-C ended the turn alone.
fn after(signal: Option<Signal>) -> Next {
    match signal {
        Some(Signal::End(number)) => Next::Leave(Exit::Signal(number)),
        Some(Signal::Interrupt | Signal::Reload) | None => Next::GoOn,
    }
}

/// Loads the plugins anew; what came of it, in lines for the person.
async fn reload(engine: &Arc<Engine>) -> Vec<String> {
    match engine.reload().await {
        Ok(summary) => vec![format!("(plugins reloaded: {})", summary.join("; "))],
        Err(reason) => {
            let mut lines =
                vec!["Error: the plugins are not reloaded, the old set stays:".to_owned()];
            lines.extend(reason.lines().map(str::to_owned));
            lines
        }
    }
}
