//! The one table of what needs which role: every import of a plugin, every command and subcommand.
//!
//! Nothing is allowed that has no row: a new operation does not compile without one.

use mini_llm_chat_sandbox::contract::Access;

use crate::session::Session;

/// Who may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Whoever can start the program. It touches no data of a user, or it is what makes the first one.
    Anybody,
    /// Whoever is in a session, for their own data alone.
    Session,
    /// Whoever logged in. The owner of a database without accounts has nothing to change there.
    Account,
    /// The role admin. The owner of a database without accounts has it.
    Admin,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $operation:ident = $name:literal: $needs:ident,)+) => {
        /// Something that the host does for somebody.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", $name, "`")] $(#[$doc])* $operation,)+
        }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$operation,)+];

            /// What it is called in messages and the audit trail.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$operation => $name,)+
                }
            }

            /// Who may do it.
            #[must_use]
            pub const fn needs(self) -> Needs {
                match self {
                    $(Self::$operation => Needs::$needs,)+
                }
            }
        }
    };
}

operations! {
    // The front end.
    Chat = "chat": Session,
    Turn = "a turn": Session,
    Ask = "ask": Session,
    Command = "a command": Session,
    Login = "login": Anybody,
    Logout = "logout": Session,
    Whoami = "whoami": Session,
    Filter = "redact, review": Anybody,
    PluginFiles = "plugins list, check, eject, lock": Anybody,
    Text = "completions, man": Anybody,
    SetUp = "--init-db, --setup-admin, keys, db": Anybody,

    // Imports of commands.
    Output = "output": Session,
    SessionRead = "session": Session,
    ConversationRead = "conversations: current, read": Session,
    ConversationClear = "conversations: clear": Session,
    ConversationUndo = "conversations: undo": Session,
    ConversationsList = "conversations-all: list, search, read": Session,
    ConversationsResume = "conversations-all: resume": Session,
    ConversationsRename = "conversations-all: rename": Session,
    ConversationsFork = "conversations-all: fork": Session,
    ConversationsDelete = "conversations-all: delete": Session,
    Storage = "storage": Session,
    Cache = "cache": Session,
    RateLimit = "rate-limit": Session,
    Llm = "llm": Session,
    PasswordChange = "auth: change-password": Account,
    LogOut = "auth: log-out": Account,

    // Imports and subcommands alike.
    UsersList = "users list": Admin,
    UsersAdd = "users add": Admin,
    UsersSetRole = "users set-role": Admin,
    UsersDisable = "users disable": Admin,
    UsersEnable = "users enable": Admin,
    UsersResetPassword = "users reset-password": Admin,
    UsersDelete = "users delete": Admin,
    AuditList = "audit list": Admin,
    AuditVerify = "audit verify": Admin,
    AuditExport = "audit export": Admin,
    PluginsReload = "plugins reload": Admin,
}

impl Operation {
    /// Whether the session's role allows it. Nobody is in no session.
    ///
    /// # Errors
    /// In words fit to be shown.
    pub fn permit(self, session: Option<&Session>) -> Result<(), Denied> {
        let denied = |why| {
            Err(Denied {
                operation: self,
                why,
            })
        };
        match (self.needs(), session) {
            (Needs::Anybody, _) | (Needs::Session, Some(_)) => Ok(()),
            (_, None) => denied("needs a login: `mini-llm-chat login NAME`"),
            (Needs::Account, Some(session)) if session.token().is_none() => {
                denied("needs an account, and this database has none: see `--setup-admin`")
            }
            (Needs::Admin, Some(session)) if session.access() != Access::Admin => {
                denied("needs the role admin")
            }
            (Needs::Account | Needs::Admin, Some(_)) => Ok(()),
        }
    }
}

/// A role does not allow something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {why}", operation.name())]
pub struct Denied {
    /// What was asked for.
    pub operation: Operation,
    why: &'static str,
}
