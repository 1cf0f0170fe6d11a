//! A chat engine for the terminal whose rules are sandboxed WebAssembly components.
//!
//! The way of every start: the command line is parsed ([`cli`]), all sources of settings are joined and
//! checked ([`config`]), the log begins, and one front end runs: [`repl`], [`ask`] or a command that needs
//! neither; the filters, [`redact_cmd`] and [`review_cmd`], need nothing but the plugins. Every end has a row in [`exit`].

mod accounts_cmd;
mod ask;
mod audit_cmd;
mod built_in;
mod cli;
mod config;
mod database;
mod doctor;
mod entrance;
mod error;
mod exit;
mod filter;
mod hidden_args;
mod house;
mod json_text;
mod keys_cmd;
mod paths;
mod plugins_cmd;
mod process;
mod prompt;
mod prune;
mod redact_cmd;
mod repl;
mod review_cmd;
mod screen;
mod share;
mod shared;
mod signals;
mod terminal;
mod trail;
mod view;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use mini_llm_chat_engine::log::{Destination, Log};
use mini_llm_chat_engine::secrets::Secrets;

use crate::cli::{AuditCommand, Cli, Command, Parsed};
use crate::config::{FilterSettings, Settings};
use crate::error::{Failure, Result};
use crate::exit::Exit;

fn main() -> ExitCode {
    // A panic has said so itself, through the hook.
    let ended = catch_unwind(AssertUnwindSafe(start)).unwrap_or(Ok(Exit::Internal));
    let exit = ended.unwrap_or_else(|failure| {
        if !failure.message.is_empty() {
            terminal::notice(&failure);
        }
        failure.exit
    });
    exit.into()
}

fn start() -> Result<Exit> {
    process::forbid_core_dumps();
    let arguments = hidden_args::hide_secrets(std::env::args_os().collect());
    let cli = match cli::parse(arguments)? {
        Parsed::Run(cli) => *cli,
        Parsed::Print(text) => return print(&text),
    };
    match &cli.command {
        Some(Command::Completions { shell }) => return completions(*shell),
        Some(Command::Man) => return man(),
        Some(Command::Redact(arguments)) => {
            let settings = FilterSettings::resolve(&cli.options, &Secrets::new())?;
            return redact_cmd::run(&settings, arguments);
        }
        Some(Command::Review(arguments)) => {
            let settings = FilterSettings::resolve(&cli.options, &Secrets::new())?;
            return review_cmd::run(&settings, arguments);
        }
        Some(Command::Audit(AuditCommand::Verify(arguments))) if arguments.export.is_some() => {
            return audit_cmd::verify_export(arguments);
        }
        Some(Command::Conversations(_)) => return Err(Failure::not_yet("this command")),
        _ => {}
    }
    let secrets = Secrets::new();
    let settings = Settings::resolve(&cli.options, &secrets)?;
    if let Some(Command::Plugins(command)) = &cli.command {
        return plugins_cmd::run(&settings, command);
    }
    for notice in &settings.notices {
        terminal::notice(notice);
    }
    if asks_the_model(&cli) {
        settings.model.require_key()?;
    }
    with_log(settings, secrets, cli)
}

/// Whether a chat or a question follows.
const fn asks_the_model(cli: &Cli) -> bool {
    let sets_up = cli.options.init_db || cli.options.setup_admin;
    !sets_up && matches!(cli.command, None | Some(Command::Ask(_)))
}

/// Runs a front end between the log's first and last line.
fn with_log(settings: Settings, secrets: Secrets, cli: Cli) -> Result<Exit> {
    let log = Log::start(&settings.log, secrets).map_err(|error| {
        Failure::new(
            Exit::CannotCreate,
            format_args!("the log: {error}; name another file in log.file of the config"),
        )
    })?;
    let place = match &settings.log.destination {
        Destination::File { path, .. } => format!("; the log {} has the details", path.display()),
        Destination::StandardError => String::new(),
    };
    log.install(move |at| {
        let at = at.map(ToString::to_string).unwrap_or_default();
        terminal::notice(format_args!("internal error at {at}{place}"));
    });
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    let ended = catch_unwind(AssertUnwindSafe(|| front_end(settings, &log, cli)))
        .unwrap_or(Ok(Exit::Internal));
    match &ended {
        Ok(exit) => tracing::info!(code = exit.code(), "ended"),
        Err(failure) => tracing::error!(
            code = failure.exit.code(),
            reason = failure.message,
            "ended"
        ),
    }
    log.close();
    ended
}

fn front_end(settings: Settings, log: &Log, cli: Cli) -> Result<Exit> {
    process::install_tls()?;
    // One person, one turn at a time: on one thread a delta reaches the screen without waking another one,
    // which was most of what a turn cost. What blocks has threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                Exit::Internal,
                format_args!("cannot start the runtime: {error}"),
            )
        })?;
    let log = log.clone();
    let front_end = async move {
        match cli.command {
            _ if cli.options.init_db || cli.options.setup_admin => {
                if cli.options.init_db {
                    database::migrate(&settings, &log).await?;
                }
                if cli.options.setup_admin {
                    accounts_cmd::set_up_admin(&settings, &log).await?;
                }
                Ok(Exit::Done)
            }
            Some(Command::Login(arguments)) => {
                accounts_cmd::login(&settings, &log, &arguments).await
            }
            Some(Command::Logout) => accounts_cmd::logout(&settings, &log).await,
            Some(Command::Whoami) => accounts_cmd::whoami(&settings, &log).await,
            Some(Command::Password(arguments)) => {
                accounts_cmd::password(&settings, &log, &arguments).await
            }
            Some(Command::Users(command)) => accounts_cmd::users(&settings, &log, &command).await,
            Some(Command::Keys(command)) => keys_cmd::run(&settings, &log, &command).await,
            Some(Command::Db(command)) => database::command(&settings, &log, command).await,
            Some(Command::Doctor) => doctor::run(&settings, &log).await,
            Some(Command::Cache(command)) => shared::command(&settings, &log, command).await,
            Some(Command::Audit(command)) => audit_cmd::run(&settings, log, command).await,
            Some(Command::Ask(arguments)) => ask::run(settings, log, arguments).await,
            _ => repl::run(settings, log).await,
        }
    };
    // A task, because what `block_on` runs itself is woken through a system call each time.
    let ended = runtime
        .block_on(runtime.spawn(front_end))
        // A panic has said so itself, through the hook.
        .unwrap_or(Ok(Exit::Internal));
    // A blocking read of standard input would hold the process until the next line.
    runtime.shutdown_background();
    ended
}

fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), cli::PROGRAM, &mut script);
    print(&String::from_utf8_lossy(&script))
}

fn man() -> Result<Exit> {
    let mut page = Vec::new();
    clap_mangen::Man::new(cli::command())
        .render(&mut page)
        .map_err(|error| {
            Failure::new(
                Exit::Internal,
                format_args!("cannot make the manual page: {error}"),
            )
        })?;
    print(&String::from_utf8_lossy(&page))
}

/// Prints on standard output; one that is closed ends the program without a word.
fn print(text: &str) -> Result<Exit> {
    match terminal::print(text) {
        Ok(()) => Ok(Exit::Done),
        Err(_) => Ok(Exit::OutputClosed),
    }
}
