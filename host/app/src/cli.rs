//! The command line. One definition per option, from which parsing, help, completions and the man page come.
//!
//! Values are taken as text here and checked with those from the environment and the config file, in
//! `config`, so that a value means the same wherever it stands.
#![allow(
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    reason = "these comments are the help texts: brackets name variables"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::error::{Failure, Result};

/// The program's name in messages.
pub(crate) const PROGRAM: &str = "mini-llm-chat";

/// A chat engine for the terminal whose rules are sandboxed WebAssembly components.
///
/// Without a command it opens the interactive chat. Options work before and after a command. An option
/// beats the environment, that beats .env, that beats the config file.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100, subcommand_precedence_over_arg = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options that work everywhere.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Options {
    /// Key for the model server. Others may see it in the process list: prefer OPENAI_API_KEY or
    /// OPENAI_API_KEY_FILE
    #[arg(long, global = true, value_name = "KEY", allow_hyphen_values = true)]
    pub(crate) api_key: Option<String>,
    /// OpenAI-compatible server [OPENAI_BASE_URL] [default: https://api.openai.com/v1]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Model to ask [OPENAI_MODEL] [default: gpt-4o]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Sampling temperature, 0 to 2 [default: the server decides]
    #[arg(long, global = true, value_name = "T", allow_hyphen_values = true)]
    pub(crate) temperature: Option<String>,
    /// Most tokens of an answer [default: the server decides]
    #[arg(long, global = true, value_name = "N", allow_hyphen_values = true)]
    pub(crate) max_tokens: Option<String>,
    /// auto, postgresql, sqlite or memory [DB_BACKEND] [default: auto]
    #[arg(long, global = true, value_name = "BACKEND")]
    pub(crate) db_backend: Option<String>,
    /// postgresql://… or sqlite://… [DATABASE_URL] [default: a file in the data directory; with
    /// --db-backend postgresql: postgresql://localhost:5432/mini_llm_chat]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// With postgresql: go on in memory if it cannot be reached
    #[arg(long, global = true)]
    pub(crate) fallback_to_memory: bool,
    /// Turns that call the model, per window and user [RATE_LIMIT_MAX_CALLS] [default: 3]
    #[arg(long, global = true, value_name = "N", allow_hyphen_values = true)]
    pub(crate) max_calls: Option<String>,
    /// The window, in seconds [RATE_LIMIT_TIME_WINDOW] [default: 60]
    #[arg(long, global = true, value_name = "S", allow_hyphen_values = true)]
    pub(crate) time_window: Option<String>,
    /// DEBUG, INFO, WARNING, ERROR or CRITICAL [LOG_LEVEL] [default: INFO]
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,
    /// Session length in hours, or with a unit: 30m, 12h, 7d [JWT_EXPIRY] [default: 24h]
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) token_expiry: Option<String>,
    /// Directory of plugins: its prompt policies replace the built-in one, others add [PLUGIN_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) plugin_dir: Option<PathBuf>,
    /// Lock file for the plugin directory, outside of it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) plugin_lock: Option<PathBuf>,
    /// Config file [default: mini-llm-chat/config.toml in the XDG config directory]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// File of NAME=value lines that may set every variable above
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
    /// Create or migrate the database schema, then exit
    #[arg(long, global = true)]
    pub(crate) init_db: bool,
    /// Create the administrator, or reset an administrator's password, then exit. Without a terminal the values
    /// come from ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_PASSWORD_FILE
    #[arg(long, global = true)]
    pub(crate) setup_admin: bool,
}

/// What to do instead of opening the chat.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask one question: the answer alone goes to standard output
    Ask(AskArguments),
    /// Look at, check and write plugins
    #[command(subcommand)]
    Plugins(PluginsCommand),
    /// Write a completion script for a shell to standard output
    Completions {
        /// bash, elvish, fish, powershell or zsh
        shell: clap_complete::Shell,
    },
    /// Write the manual page to standard output
    Man,
    /// Filter a log: standard input to standard output, with secrets masked
    Redact(RedactArguments),
    /// Print what the prompt policies say of prompts and answers on standard input
    Review(ReviewArguments),
    /// Log in to a database with accounts; the next starts need no password
    Login(LoginArguments),
    /// End the session of the last login, everywhere
    Logout,
    /// Say who the next chat acts for
    Whoami,
    /// Change the password of the account that is logged in; its sessions end
    Password(PasswordArguments),
    /// List and change accounts (role admin)
    #[command(subcommand)]
    Users(UsersCommand),
    /// List and replace the keys for tokens, audit and cache
    #[command(subcommand)]
    Keys(KeysCommand),
    #[command(hide = true)]
    Conversations(Later),
    /// Look at, verify and export the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Forget cached answers
    #[command(subcommand)]
    Cache(CacheCommand),
    /// The schema of the database
    #[command(subcommand)]
    Db(DbCommand),
    /// Look at everything that a chat needs: a line each, ok, warning or error, with the remedy
    Doctor,
}

/// One question.
#[derive(Clone, Debug, Args)]
pub(crate) struct AskArguments {
    /// The question, words joined by blanks; without it standard input is read
    #[arg(value_name = "PROMPT")]
    pub(crate) prompt: Vec<String>,
    /// Go on in the last conversation instead of beginning a new one
    #[arg(long = "continue")]
    pub(crate) go_on: bool,
    /// Exit with 75 instead of waiting when the rate limit is used up
    #[arg(long)]
    pub(crate) no_wait: bool,
}

/// Who logs in.
#[derive(Clone, Debug, Args)]
pub(crate) struct LoginArguments {
    /// The account's name
    pub(crate) username: String,
    /// File that holds the password, closed to others; without it the password is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

/// The passwords before and after.
#[derive(Clone, Debug, Args)]
pub(crate) struct PasswordArguments {
    /// File that holds the password as it is now; without it it is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) old_password_file: Option<PathBuf>,
    /// File that holds the new password; without it it is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Chat, with one's own data
    User,
    /// Also accounts, audit and plugins
    Admin,
}

/// What can be done with accounts.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Show every account
    List,
    /// Make an account
    Add {
        /// The name that is used to log in
        name: String,
        /// E-mail address, to be shown in the list
        #[arg(long, default_value = "", hide_default_value = true)]
        email: String,
        /// What the account may do
        #[arg(long, value_enum, default_value_t = Role::User)]
        role: Role,
        /// File that holds the password; without it it is asked for
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Give an account another role; its sessions end
    SetRole {
        /// The account's name
        name: String,
        /// The new role
        #[arg(value_enum)]
        role: Role,
    },
    /// Lock an account out; its sessions end
    Disable {
        /// The account's name
        name: String,
    },
    /// Let an account in again
    Enable {
        /// The account's name
        name: String,
    },
    /// Give an account another password; its sessions end
    ResetPassword {
        /// The account's name
        name: String,
        /// File that holds the password; without it it is asked for
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Delete an account and all of its conversations
    Delete {
        /// The account's name
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyPurpose {
    /// Signs the tokens of sessions
    Token,
    /// Chains the audit trail
    Audit,
    /// Seals cached answers
    Cache,
}

/// What can be done with keys.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Show the ids of the keys here, and of those that the database knows
    List,
    /// Make a new random key in this program's own file; the old one stays readable
    Rotate {
        /// Which key
        #[arg(value_enum)]
        purpose: KeyPurpose,
    },
    /// Let the database know the key that is set here
    Accept {
        /// Which key
        #[arg(value_enum)]
        purpose: KeyPurpose,
    },
}

/// How the log comes in.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct RedactArguments {
    /// One JSON string a line in, one out, each a text of its own
    #[arg(long)]
    pub(crate) jsonl: bool,
}

/// How prompts and answers come in.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ReviewArguments {
    /// One JSON string a line in: a prompt; or {"system": …, "output": …}: does the answer leak the system
    /// prompt? One JSON object a line out
    #[arg(long)]
    pub(crate) jsonl: bool,
}

/// What can be done with cached answers.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Forget your cached answers, in Redis too
    Clear,
}

/// What can be done with the schema of the database.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Create the schema or bring it up to date, as --init-db
    Migrate,
    /// Take back every migration above a version, and what only they can hold
    Revert {
        /// Version to go back to; 0 removes everything
        #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(i64).range(0..))]
        to: i64,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Remove conversations that were not used for long, or all of one user
    Prune(PruneArguments),
    /// Show which migrations the database has, and which are pending
    Status,
}

/// Which conversations go.
#[derive(Clone, Debug, Args)]
pub(crate) struct PruneArguments {
    /// Such as 90d or 12h; 0d removes all
    #[arg(long, value_name = "AGE", required_unless_present = "user")]
    pub(crate) older_than: Option<String>,
    /// Of this account alone; without an age all of them
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What can be done with plugins.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum PluginsCommand {
    /// Show the active set: kind, name, origin, digest, state
    List,
    /// Check plugins as at start, without a key, a database or a login
    Check {
        /// A .wasm file or a plugin directory
        path: PathBuf,
    },
    /// Write the built-in plugins to a directory, to change or to mix them
    Eject {
        /// Made if it is missing; files in it are not overwritten
        dir: PathBuf,
    },
    /// Pin every plugin and its settings in a directory by digest
    Lock {
        /// The plugin directory
        dir: PathBuf,
    },
    /// Show what a plugin of the active set has: kinds, rules or commands
    Inspect {
        /// Its name, such as redaction or prompt-policy
        name: String,
    },
}

/// What can be done with the audit trail. For administrators.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Show events, newest first
    List(AuditListArguments),
    /// Check that no row was changed, removed, inserted, reordered or cut off
    Verify(AuditVerifyArguments),
    /// Write the whole trail with its checkpoints to standard output, one JSON object a line
    Export,
    /// Sign where the trail ends now, and print the checkpoint: keep it where the database's owner cannot reach
    Checkpoint,
    /// Print the public key that checkpoints are verified with
    PublicKey,
}

/// Which events, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct AuditListArguments {
    /// Only this event, such as policy-denied
    #[arg(long, value_name = "NAME")]
    pub(crate) event: Option<String>,
    /// Only of this user, by id
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<String>,
    /// Not before this time, such as 2026-01-31 or 2026-01-31T09:30:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only rows before this one: the next page begins with the last row of this one
    #[arg(long, value_name = "ROW")]
    pub(crate) before: Option<u64>,
    /// Most rows
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is verified, and against what.
#[derive(Clone, Debug, Args)]
pub(crate) struct AuditVerifyArguments {
    /// An exported trail instead of the database: needs no database and no audit key
    #[arg(long, value_name = "FILE", requires = "public_key")]
    pub(crate) export: Option<PathBuf>,
    /// Checkpoints that were kept elsewhere, one JSON object a line: all of them have to fit
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// Whose checkpoints are believed: 64 hexadecimal digits, or a file that holds them
    #[arg(long, value_name = "KEY")]
    pub(crate) public_key: Vec<String>,
}

/// Arguments of a command that is not there yet.
#[derive(Clone, Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Later {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// Run.
    Run(Box<Cli>),
    /// Only print this: help or version.
    Print(String),
}

/// Parses the arguments, the program's own name first.
///
/// # Errors
/// When an option, an argument or a command is wrong.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Parsed> {
    use clap::error::ErrorKind;

    match Cli::try_parse_from(arguments) {
        Ok(cli) => Ok(Parsed::Run(Box::new(cli))),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Ok(Parsed::Print(error.render().to_string()))
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Err(Failure::usage(
                format_args!("a command is missing; try `{PROGRAM} --help`"),
            )),
            _ => {
                let text = error.render().to_string();
                Err(Failure::usage(
                    text.strip_prefix("error: ").unwrap_or(&text).trim_end(),
                ))
            }
        },
    }
}

/// The whole command line, for completions and the manual page.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        command().debug_assert();
    }
}
