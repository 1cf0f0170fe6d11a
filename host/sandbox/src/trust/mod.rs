//! Who could have written a file: asked before code, settings or locks are taken from it.
//!
//! On Unix that is owner and mode, checked on the opened file where it is read, so that nothing can be exchanged
//! between the check and the use. Elsewhere access lists decide, which this host does not read: there the
//! directories of the user's own profile are trusted as the system set them up.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{check, check_path, create_private, open, private_directory, private_file};

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::{check, check_path, create_private, open, private_directory, private_file};
