//! What is set once for the whole process.

use crate::error::{Failure, Result};
use crate::exit::Exit;

/// A memory image would hold keys and messages. Where the system refuses the limit, nothing is lost but that.
pub(crate) fn forbid_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(
            Resource::Core,
            Rlimit {
                current: Some(0),
                maximum: Some(0),
            },
        );
    }
}

/// One TLS provider for everything: two in one process make rustls panic.
///
/// # Errors
/// When one is installed already.
pub(crate) fn install_tls() -> Result<()> {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| Failure::new(Exit::Internal, "a TLS provider is installed already"))
}
