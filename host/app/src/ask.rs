//! One question, one answer: `mini-llm-chat ask`, also from a pipe.
//!
//! The answer alone is on standard output, so that it can go into another program; everything else is on
//! standard error. The exit code says how it ended.

use std::io::{IsTerminal, Read};

use mini_llm_chat_engine::audit::AuditError;
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::turn::{Ending, Request, TurnError, Unsaved, check};
use mini_llm_chat_engine::upstream::Class;
use tokio_util::sync::CancellationToken;

use crate::cli::AskArguments;
use crate::config::Settings;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::House;
use crate::screen::Screen;
use crate::signals::{LOST, SIGINT, Signal, Signals, until_done};
use crate::terminal;
use crate::view::{Style, View};

/// Asks once and shows the answer.
///
/// # Errors
/// When the question cannot be read, or there is no answer.
pub(crate) async fn run(settings: Settings, log: Log, arguments: AskArguments) -> Result<Exit> {
    let prompt = question(&arguments)?;
    // Before anything is opened or made for it.
    check(&prompt, settings.limits.message_chars.get())
        .map_err(|error| Failure::new(Exit::Data, error))?;
    let mut signals = Signals::new()?;
    let house = match signals
        .unless_ended(House::open(&settings, log, &[], false))
        .await
    {
        Ok(house) => house?,
        Err(signal) => return Ok(Exit::Signal(signal)),
    };
    if !arguments.go_on {
        house.begin_conversation().await?;
    }
    let screen = Screen::new(None);
    let cancel = CancellationToken::new();
    let mut view = View::new(&screen, Style::Plain, cancel.clone(), |_| {});
    let request = Request {
        prompt,
        bypass_cache: false,
        wait: !arguments.no_wait,
    };
    let turn = house
        .engine
        .turn(&house.session, request, &mut view, &cancel);
    let (result, signal) = until_done(&mut signals, &cancel, &house.engine.hurry(), turn).await;
    let mut waits = false;
    let exit = match result {
        Some(Ok(report)) => {
            view.finish(&report);
            waits = matches!(report.unsaved, Some(Unsaved::Waits(_)));
            Ok(match &report.unsaved {
                Some(Unsaved::Waits(_) | Unsaved::Failed(_)) => Exit::Unavailable,
                _ => exit_of(&report.ending),
            })
        }
        Some(Err(error)) => {
            view.end_line();
            Err(failure(&house, &error))
        }
        None => {
            screen.note(LOST);
            Ok(Exit::Signal(SIGINT))
        }
    };
    if let Some(warning) = house.shared.refusal() {
        terminal::notice(warning);
    }
    // A turn that waits for the database needs its conversation.
    if !arguments.go_on && !waits {
        house.forget_if_empty().await;
    }
    house.close().await;
    if screen.is_closed() {
        return Ok(Exit::OutputClosed);
    }
    match signal {
        Some(Signal::End(number)) => Ok(Exit::Signal(number)),
        Some(Signal::Interrupt) => Ok(Exit::Signal(SIGINT)),
        // One question is over before new rules matter.
        Some(Signal::Reload) | None => exit,
    }
}

/// The arguments, joined by spaces, or all of standard input.
fn question(arguments: &AskArguments) -> Result<String> {
    if !arguments.prompt.is_empty() {
        return Ok(arguments.prompt.join(" "));
    }
    let mut input = std::io::stdin();
    if input.is_terminal() {
        return Err(Failure::usage(
            "there is no question: write it behind `ask`, or pipe it in",
        ));
    }
    let mut bytes = Vec::new();
    // A message that is far too long need not be read to its end to be refused.
    input
        .by_ref()
        .take(MAX_INPUT_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            Failure::new(
                Exit::Data,
                format_args!("cannot read standard input: {error}"),
            )
        })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::new(
            Exit::Data,
            "standard input is not UTF-8: convert it first, for example with iconv",
        )
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Four times what any message limit makes sense for.
const MAX_INPUT_BYTES: u64 = 16 * 1024 * 1024;

fn exit_of(ending: &Ending) -> Exit {
    match ending {
        Ending::Complete
        | Ending::Length
        | Ending::Filter
        | Ending::Unexplained
        | Ending::Other(_) => Exit::Done,
        Ending::Cut(_) => Exit::NotPermitted,
        Ending::Cancelled => Exit::Signal(2),
        Ending::Broken(failure) => of_class(failure.class),
    }
}

fn failure(house: &House, error: &TurnError) -> Failure {
    let exit = match error {
        TurnError::Empty | TurnError::TooLong { .. } => Exit::Data,
        TurnError::Refused(_) => Exit::NotPermitted,
        TurnError::Limited { .. } => Exit::TryLater,
        TurnError::Cancelled => Exit::Signal(2),
        TurnError::Upstream(failure) => of_class(failure.class),
        TurnError::Audit(AuditError::Database(error)) => crate::house::exit_of(error),
        TurnError::Audit(AuditError::File { .. }) => Exit::CannotCreate,
        TurnError::Engine(error) => crate::house::exit_of(error),
    };
    Failure::new(exit, house.words(error))
}

/// How the process ends over an error of the model server.
pub(crate) fn of_class(class: Class) -> Exit {
    match class {
        Class::Unavailable => Exit::Unavailable,
        Class::Garbage => Exit::Protocol,
        Class::Auth => Exit::NotPermitted,
        Class::Limited => Exit::TryLater,
        Class::Rejected => Exit::Data,
        Class::Config => Exit::Config,
        Class::Cancelled => Exit::Signal(2),
    }
}
