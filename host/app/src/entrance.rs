//! Who is at the front end: the token of the environment or of the last login, the owner of a database without
//! accounts, or whoever logs in at the terminal now.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use mini_llm_chat_engine::EngineError;
use mini_llm_chat_engine::audit::{self, AuditTrail, FileTrail};
use mini_llm_chat_engine::auth::{Gate, Login, LoginRefused, Password, Token};
use mini_llm_chat_engine::ids::ConversationId;
use mini_llm_chat_engine::keys::Keys;
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::private_file;
use mini_llm_chat_engine::session::Session;
use mini_llm_chat_engine::storage::{Store, check_keys};
use mini_llm_chat_sandbox::contract::Access;
use secrecy::ExposeSecret;

use crate::cli::PROGRAM;
use crate::config::Settings;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::{self, cannot_create, storage_failed};
use crate::prompt::Prompter;
use crate::screen::is_interactive;
use crate::{database, terminal, trail};

/// How often somebody at the terminal may try before the program ends.
const TRIES: u32 = 3;

/// What decides who gets in.
pub(crate) struct Entrance<'a> {
    settings: &'a Settings,
    log: &'a Log,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) gate: Arc<Gate>,
    audit: Arc<dyn AuditTrail>,
    in_memory: bool,
}

/// The keys, if the database knows them.
///
/// # Errors
/// When a key cannot be used.
pub(crate) async fn keys(settings: &Settings, log: &Log, store: &dyn Store) -> Result<Keys> {
    let keys = Keys::load(&settings.keys, log.secrets()).map_err(storage_failed)?;
    let known = check_keys(store, &keys, Timestamp::now()).await;
    known.map_err(storage_failed)?;
    Ok(keys)
}

impl<'a> Entrance<'a> {
    /// Opens the database for commands that need no model and no plugins.
    ///
    /// # Errors
    /// When the database, the keys or the audit trail cannot be used.
    pub(crate) async fn open(settings: &'a Settings, log: &'a Log) -> Result<Self> {
        let opened = database::open_strictly(settings).await?;
        let (store, in_memory) = (opened.store, opened.in_memory);
        let trail = async {
            let file = FileTrail::open(&settings.paths.audit_file(), log.clone());
            let file = file.map_err(cannot_create)?;
            let keys = keys(settings, log, &*store).await?;
            let audit = trail::of(settings, &store, in_memory, &keys, file, log).await?;
            for event in opened.events {
                audit::note(&*audit, event).await;
            }
            Ok((audit, Arc::new(keys)))
        };
        match trail.await {
            Ok((audit, keys)) => Ok(Self::of(settings, log, store, audit, &keys, in_memory)),
            Err(failure) => {
                store.close().await;
                Err(failure)
            }
        }
    }

    /// With what is open already.
    pub(crate) fn of(
        settings: &'a Settings,
        log: &'a Log,
        store: Arc<dyn Store>,
        audit: Arc<dyn AuditTrail>,
        keys: &Arc<Keys>,
        in_memory: bool,
    ) -> Self {
        let gate = Gate::new(
            Arc::clone(&store),
            Arc::clone(&audit),
            Arc::clone(keys),
            settings.token_expiry,
        );
        Self {
            settings,
            log,
            store,
            audit,
            keys: Arc::clone(keys),
            gate: Arc::new(gate),
            in_memory,
        }
    }

    /// Signs where the trail ends, and ends the connections.
    pub(crate) async fn close(&self) {
        self.audit.close().await;
        self.store.close().await;
    }

    /// The session of whoever is here. Without a good token somebody at a terminal is asked to log in.
    ///
    /// # Errors
    /// 77 when a login is needed and cannot be had.
    pub(crate) async fn session(&self) -> Result<Session> {
        if !self.store.has_accounts().await.map_err(storage_failed)? {
            return self.in_current(self.local().await?).await;
        }
        let login = match self.by_token().await {
            Ok(Some(login)) => login,
            Ok(None) if is_interactive() => self.at_the_terminal().await?,
            Ok(None) => return Err(needs_login()),
            // A token that the operator gave is not replaced by another person.
            Err(LoginRefused::Token(why)) if is_interactive() && self.settings.token.is_none() => {
                terminal::notice(format_args!("the last login is over: {why}"));
                self.at_the_terminal().await?
            }
            Err(refused) => return Err(not_let_in(refused)),
        };
        self.in_current(session_of(&login)).await
    }

    /// The same, but nobody is asked, and it is in no conversation: one that is damaged keeps nobody from what needs none.
    /// Also says until when an account is logged in.
    ///
    /// # Errors
    /// 77 when a login is needed.
    pub(crate) async fn session_without_asking(&self) -> Result<(Session, Option<Timestamp>)> {
        if !self.store.has_accounts().await.map_err(storage_failed)? {
            return Ok((self.local().await?, None));
        }
        match self.session_by_token().await? {
            Some((session, expires)) => Ok((session, Some(expires))),
            None => Err(needs_login()),
        }
    }

    /// The session of an account, if there is a token; in no conversation either.
    ///
    /// # Errors
    /// 77 when there is no good token.
    pub(crate) async fn session_by_token(&self) -> Result<Option<(Session, Timestamp)>> {
        match self.by_token().await.map_err(not_let_in)? {
            Some(login) => Ok(Some((session_of(&login), login.expires))),
            None => Ok(None),
        }
    }

    /// Logs in with a name and a password, and keeps the token for the next start.
    ///
    /// # Errors
    /// 77 for a wrong name or password, 75 when too many failed before.
    pub(crate) async fn log_in(&self, name: &str, password: &Password) -> Result<Login> {
        let (token, login) = self.gate.log_in(name, password).await.map_err(not_let_in)?;
        self.log.secrets().add(token.expose());
        let path = self.settings.paths.token_file();
        if let Some(dir) = path.parent() {
            private_file::ensure_dir(dir).map_err(cannot_create)?;
        }
        private_file::replace(&path, format!("{}\n", token.expose()).as_bytes())
            .map_err(cannot_create)?;
        Ok(login)
    }

    /// Forgets the token of the last login.
    pub(crate) fn forget_token(&self) {
        forget_token(&self.settings.paths.token_file());
    }

    async fn local(&self) -> Result<Session> {
        let user = self.store.local_user(&house::local_name()).await;
        let user = user.map_err(storage_failed)?;
        // Without accounts the owner of the database file may do everything: no role could bind who owns it.
        let access = if self.in_memory {
            Access::User
        } else {
            Access::Admin
        };
        Ok(Session::new(
            user.id,
            user.name,
            access,
            ConversationId::new(),
        ))
    }

    /// The same session in the conversation that its user goes on in.
    async fn in_current(&self, session: Session) -> Result<Session> {
        let current = self.store.current(session.user()).await;
        session.go_on_in(current.map_err(storage_failed)?.id);
        Ok(session)
    }

    async fn by_token(&self) -> std::result::Result<Option<Login>, LoginRefused> {
        let token = match &self.settings.token {
            Some(token) => Token::new(token.expose_secret()),
            None => {
                let path = self.settings.paths.token_file();
                let kept = private_file::read_closed(&path).map_err(EngineError::from)?;
                let Some(text) = kept else { return Ok(None) };
                self.log.secrets().add(&text);
                Token::new(&text)
            }
        };
        self.gate.enter(&token).await.map(Some)
    }

    async fn at_the_terminal(&self) -> Result<Login> {
        let mut prompter = Prompter::new()?;
        for _ in 1..TRIES {
            match self.one_try(&mut prompter).await {
                Err(refused)
                    if matches!(refused.exit, Exit::NotPermitted | Exit::TryLater)
                        && !refused.message.is_empty() =>
                {
                    terminal::notice(&refused);
                }
                other => return other,
            }
        }
        self.one_try(&mut prompter).await
    }

    async fn one_try(&self, prompter: &mut Prompter) -> Result<Login> {
        let name = prompter.line("User name: ").await?;
        let secret = prompter.secret("Password: ").await?;
        self.log.secrets().add(secret.expose_secret());
        self.log_in(&name, &Password::new(&secret)).await
    }
}

/// In no conversation.
fn session_of(login: &Login) -> Session {
    let account = &login.account;
    let nowhere = ConversationId::new();
    Session::new(account.id, account.name.clone(), account.access, nowhere).with_token(login.token)
}

/// Forgets the token of the last login.
pub(crate) fn forget_token(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        terminal::notice(format_args!(
            "warning: cannot remove {}: {error}",
            path.display()
        ));
    }
}

fn needs_login() -> Failure {
    Failure::new(
        Exit::NotPermitted,
        format_args!("nobody is logged in: use `{PROGRAM} login NAME`"),
    )
}

/// How the program ends when somebody is not let in.
pub(crate) fn not_let_in(refused: LoginRefused) -> Failure {
    match refused {
        LoginRefused::Engine(error) => storage_failed(error),
        LoginRefused::Delayed(_) => Failure::new(Exit::TryLater, refused),
        other => Failure::new(Exit::NotPermitted, other),
    }
}
