//! Who may do what: accounts, passwords, tokens and roles.
//!
//! [`Gate`] is the way in: it checks a name and a password, gives out a token, and says whose session a token
//! is. A token alone proves nothing: each check asks the database whether it was revoked, so that logging out,
//! locking out and new roles and passwords take effect in every process at its next turn or command.
//! [`Operation`] is the one table of what each role may do.

mod gate;
mod hash;
mod manage;
mod name;
mod operation;
mod password;
mod token;

#[cfg(test)]
mod work;

pub use gate::{Gate, Login, LoginRefused, holder};
pub use hash::PasswordHash;
pub use manage::{Actor, AdminSetUp, NewUser};
pub use name::{AccountName, NameDigest, check_email};
pub use operation::{Denied, Needs, Operation};
pub use password::Password;
pub use token::{InvalidToken, Token};
