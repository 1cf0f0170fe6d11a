//! `login`, `logout`, `whoami`, `password`, `users` and `--setup-admin`.
//!
//! What they may do is decided in the engine; here are only words in and out.

use std::path::Path;

use jiff::Timestamp;
use mini_llm_chat_engine::auth::{
    AccountName, Actor, AdminSetUp, NewUser, Operation, Password, check_email,
};
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::session::Session;
use mini_llm_chat_engine::storage::Account;
use mini_llm_chat_sandbox::contract::Access;
use mini_llm_chat_sandbox::printable;
use secrecy::{ExposeSecret, SecretString};

use crate::cli::{LoginArguments, PasswordArguments, Role, UsersCommand};
use crate::config::{Database, Settings, read_secret_file};
use crate::entrance::Entrance;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::storage_failed;
use crate::prompt::Prompter;
use crate::screen::{self, can_ask};
use crate::terminal;

/// Rows that are asked for at once.
const PAGE: u32 = 100;

/// Logs in and keeps the token for the next start.
///
/// # Errors
/// As [`Entrance::log_in`].
pub(crate) async fn login(
    settings: &Settings,
    log: &Log,
    arguments: &LoginArguments,
) -> Result<Exit> {
    let entrance = Entrance::open(settings, log).await?;
    if !entrance
        .store
        .has_accounts()
        .await
        .map_err(storage_failed)?
    {
        entrance.close().await;
        return Err(Failure::config(
            "this database has no accounts, so there is nothing to log in to: `mini-llm-chat --setup-admin` makes the \
             first one",
        ));
    }
    let password = match &arguments.password_file {
        Some(path) => from_file(log, path)?,
        None => ask(log, "Password: ", "--password-file").await?,
    };
    let login = entrance.log_in(&arguments.username, &password).await;
    entrance.close().await;
    let login = login?;
    say(format_args!(
        "logged in as {} ({}) until {}",
        login.account.name,
        role(login.account.access),
        time(login.expires)
    ))
}

/// Revokes the token of the last login and forgets it.
///
/// # Errors
/// When the database cannot be reached: the token is then still good, and kept.
pub(crate) async fn logout(settings: &Settings, log: &Log) -> Result<Exit> {
    let entrance = Entrance::open(settings, log).await?;
    let ended = match entrance.session_by_token().await {
        Ok(Some((session, _))) => {
            let out = entrance.gate.log_out(&session).await;
            out.map_err(storage_failed)
                .map(|()| format!("{} is logged out", session.name()))
        }
        Ok(None) => Ok("nobody was logged in".to_owned()),
        // It is good for nothing; what is left is to forget it.
        Err(failure) if failure.exit == Exit::NotPermitted => {
            Ok("the login was over already".to_owned())
        }
        Err(failure) => Err(failure),
    };
    entrance.close().await;
    let ended = ended?;
    entrance.forget_token();
    say(ended)
}

/// Says who the next chat would act for.
///
/// # Errors
/// 77 when a login is needed.
pub(crate) async fn whoami(settings: &Settings, log: &Log) -> Result<Exit> {
    let entrance = Entrance::open(settings, log).await?;
    let description = entrance.store.description().to_owned();
    let session = entrance.session_without_asking().await;
    entrance.close().await;
    let (session, expires) = session?;
    let (name, role) = (session.name(), role(session.access()));
    match expires {
        Some(expires) => say(format_args!(
            "{name} ({role}), logged in until {}, {description}",
            time(expires)
        )),
        None => say(format_args!(
            "{name} ({role}, no login needed), {description}"
        )),
    }
}

/// Gives the account that is logged in another password.
///
/// # Errors
/// 65 for a wrong old password or a bad new one, 77 without a login.
pub(crate) async fn password(
    settings: &Settings,
    log: &Log,
    arguments: &PasswordArguments,
) -> Result<Exit> {
    let entrance = Entrance::open(settings, log).await?;
    let session = permitted(&entrance, Operation::PasswordChange).await?;
    let old = match &arguments.old_password_file {
        Some(path) => from_file(log, path)?,
        None => ask(log, "Your password now: ", "--old-password-file").await?,
    };
    let new = new_password(
        log,
        "Your new password: ",
        arguments.password_file.as_deref(),
    )
    .await?;
    let changed = entrance.gate.change_own_password(&session, &old, &new);
    changed.await.map_err(storage_failed)?;
    entrance.close().await;
    entrance.forget_token();
    say("the password is changed; every session of this account has ended, log in again")
}

/// Makes the administrator, or resets an existing one's password.
///
/// # Errors
/// 78 without the values that are needed, 65 for values that are refused.
pub(crate) async fn set_up_admin(settings: &Settings, log: &Log) -> Result<Exit> {
    if settings.database == Database::Memory {
        return Err(Failure::usage(
            "--setup-admin: a database in memory has no accounts; choose sqlite or postgresql",
        ));
    }
    let admin = &settings.admin;
    let missing = |name: &str| {
        Failure::config(format_args!(
            "--setup-admin: without a terminal {name} must be set in the environment"
        ))
    };
    // All values first: what is refused leaves no database behind.
    let name = match &admin.name {
        Some(name) => name.clone(),
        None if can_ask() => Prompter::new()?.line("Administrator's user name: ").await?,
        None => return Err(missing("ADMIN_USERNAME")),
    };
    let name = AccountName::new(&name).map_err(storage_failed)?;
    let email = match &admin.email {
        Some(email) => email.clone(),
        None if can_ask() => {
            Prompter::new()?
                .line("E-mail address (may be empty): ")
                .await?
        }
        None => String::new(),
    };
    check_email(&email).map_err(storage_failed)?;
    let password = match &admin.password_file {
        None if !can_ask() => return Err(missing("ADMIN_PASSWORD_FILE")),
        file => new_password(log, "Password: ", file.as_deref()).await?,
    };
    let new = NewUser {
        name,
        email,
        access: Access::Admin,
        password,
    };
    new.check().map_err(storage_failed)?;
    let entrance = Entrance::open(settings, log).await?;
    let done = entrance.gate.set_up_admin(&new).await;
    entrance.close().await;
    match done.map_err(storage_failed)? {
        AdminSetUp::Created(admin) => say(format_args!(
            "the administrator {} is made; from now on a login is needed: `mini-llm-chat login {0}`",
            admin.name
        )),
        AdminSetUp::Adopted(admin) => say(format_args!(
            "the administrator {} is made and has all conversations of this database; from now on a login is needed: \
             `mini-llm-chat login {0}`",
            admin.name
        )),
        AdminSetUp::Reset(admin, ended) => {
            let disabled = if admin.active {
                ""
            } else {
                "; the account is still disabled"
            };
            say(format_args!(
                "the administrator {} has a new password; {ended} sessions ended{disabled}",
                admin.name
            ))
        }
    }
}

/// Lists and changes accounts.
///
/// # Errors
/// 77 without the role admin, 65 for values that are refused.
pub(crate) async fn users(settings: &Settings, log: &Log, command: &UsersCommand) -> Result<Exit> {
    let entrance = Entrance::open(settings, log).await?;
    let done = users_in(&entrance, log, command).await;
    entrance.close().await;
    done
}

async fn users_in(entrance: &Entrance<'_>, log: &Log, command: &UsersCommand) -> Result<Exit> {
    let operation = match command {
        UsersCommand::List => Operation::UsersList,
        UsersCommand::Add { .. } => Operation::UsersAdd,
        UsersCommand::SetRole { .. } => Operation::UsersSetRole,
        UsersCommand::Disable { .. } => Operation::UsersDisable,
        UsersCommand::Enable { .. } => Operation::UsersEnable,
        UsersCommand::ResetPassword { .. } => Operation::UsersResetPassword,
        UsersCommand::Delete { .. } => Operation::UsersDelete,
    };
    let session = permitted(entrance, operation).await?;
    let (gate, by) = (&entrance.gate, Actor::User(session.user()));
    let find = async |name: &str| gate.find_user(name).await.map_err(storage_failed);
    match command {
        UsersCommand::List => list(entrance).await,
        UsersCommand::Add {
            name,
            email,
            role: access,
            password_file,
        } => {
            let name = AccountName::new(name).map_err(storage_failed)?;
            check_email(email).map_err(storage_failed)?;
            let question = format!("The password of {name}: ");
            let password = new_password(log, &question, password_file.as_deref()).await?;
            let new = NewUser {
                name,
                email: email.clone(),
                access: (*access).into(),
                password,
            };
            let added = gate.add_user(by, &new).await.map_err(storage_failed)?;
            say(format_args!(
                "{} ({}) is added",
                added.name,
                role(added.access)
            ))
        }
        UsersCommand::SetRole { name, role: access } => {
            let account = find(name).await?;
            let changed = gate.set_role(by, &account, (*access).into());
            changed.await.map_err(storage_failed)?;
            let role = role((*access).into());
            say(format_args!(
                "{} has the role {role} now; their sessions ended",
                account.name
            ))
        }
        UsersCommand::Disable { name } => {
            let account = find(name).await?;
            gate.disable(by, &account).await.map_err(storage_failed)?;
            say(format_args!(
                "{} is disabled; their sessions ended",
                account.name
            ))
        }
        UsersCommand::Enable { name } => {
            let account = find(name).await?;
            gate.enable(by, &account).await.map_err(storage_failed)?;
            say(format_args!("{} can log in again", account.name))
        }
        UsersCommand::ResetPassword {
            name,
            password_file,
        } => {
            let account = find(name).await?;
            let question = format!("The new password of {}: ", account.name);
            let password = new_password(log, &question, password_file.as_deref()).await?;
            let ended = gate.change_password(by, &account, &password).await;
            let ended = ended.map_err(storage_failed)?;
            say(format_args!(
                "{} has a new password; {ended} sessions ended",
                account.name
            ))
        }
        UsersCommand::Delete { name, yes } => {
            let account = find(name).await?;
            if !*yes {
                confirm_deletion(&account).await?;
            }
            gate.delete(by, &account).await.map_err(storage_failed)?;
            say(format_args!(
                "{} and everything of theirs is deleted",
                account.name
            ))
        }
    }
}

/// The session of the token, if its role allows the operation.
///
/// # Errors
/// 77 when it does not, or a login is needed.
pub(crate) async fn permitted(entrance: &Entrance<'_>, operation: Operation) -> Result<Session> {
    let (session, _) = entrance.session_without_asking().await?;
    let permitted = entrance.gate.permit(&session, operation).await;
    permitted.map_err(storage_failed)?;
    Ok(session)
}

async fn list(entrance: &Entrance<'_>) -> Result<Exit> {
    let mut rows = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = entrance.gate.users(after.as_deref(), PAGE).await;
        let page = page.map_err(storage_failed)?;
        after = page.last().map(|account| account.name.clone());
        rows.extend(page.iter().map(cells));
        if page.len() < PAGE as usize {
            break;
        }
    }
    let header = ["Name", "Role", "State", "E-mail", "Created", "Last login"].map(str::to_owned);
    print(&screen::table(&header, &rows))
}

fn cells(account: &Account) -> Vec<String> {
    let state = if account.active { "active" } else { "disabled" };
    let last = account.last_login.map(time).unwrap_or_default();
    vec![
        printable::inline(&account.name).into_owned(),
        role(account.access).to_owned(),
        state.to_owned(),
        printable::inline(&account.email).into_owned(),
        time(account.created),
        last,
    ]
}

async fn confirm_deletion(account: &Account) -> Result<()> {
    if !can_ask() {
        return Err(Failure::usage(
            "users delete: without a terminal add --yes; there is no way back",
        ));
    }
    let question = format!(
        "Delete the account {} and all of its conversations? There is no way back. [y/N] ",
        printable::inline(&account.name)
    );
    let answer = Prompter::new()?.line(&question).await?;
    if matches!(answer.as_str(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(Exit::NotPermitted, "nothing was deleted"))
}

async fn new_password(log: &Log, question: &str, file: Option<&Path>) -> Result<Password> {
    if let Some(path) = file {
        return from_file(log, path);
    }
    let first = ask(log, question, "--password-file").await?;
    let second = ask(log, "The same again: ", "--password-file").await?;
    if first.is_same(&second) {
        return Ok(first);
    }
    Err(Failure::new(
        Exit::Data,
        "the two passwords differ; nothing was changed",
    ))
}

async fn ask(log: &Log, question: &str, option: &str) -> Result<Password> {
    if !can_ask() {
        return Err(Failure::usage(format_args!(
            "there is no terminal to ask for the password: use {option} FILE"
        )));
    }
    Ok(taken(log, &Prompter::new()?.secret(question).await?))
}

fn from_file(log: &Log, path: &Path) -> Result<Password> {
    Ok(taken(log, &read_secret_file(path)?))
}

fn taken(log: &Log, secret: &SecretString) -> Password {
    log.secrets().add(secret.expose_secret());
    Password::new(secret)
}

pub(crate) const fn role(access: Access) -> &'static str {
    match access {
        Access::User => "user",
        Access::Admin => "admin",
    }
}

impl From<Role> for Access {
    fn from(role: Role) -> Self {
        match role {
            Role::User => Self::User,
            Role::Admin => Self::Admin,
        }
    }
}

/// To the second, in UTC.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

pub(crate) fn say(text: impl std::fmt::Display) -> Result<Exit> {
    print(&format!("{}\n", printable::inline(&text.to_string())))
}

pub(crate) fn print(text: &str) -> Result<Exit> {
    Ok(match terminal::print(text) {
        Ok(()) => Exit::Done,
        Err(_) => Exit::OutputClosed,
    })
}
