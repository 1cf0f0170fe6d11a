//! Reading a file of settings that nobody else can have written.

use std::fs::{Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Failure, Result};

/// Settings are small.
const MAX_BYTES: u64 = 1024 * 1024;

/// The file's text, or none where there is no file. A directory of that name (a Python environment, say) is
/// no file.
pub(super) fn read(path: &Path) -> Result<Option<String>> {
    read_if(path, owner::check)
}

/// The same for a secret: a file of this user's must be closed to others. One of root's is a container's secret,
/// which root gave to whoever can read it.
pub(super) fn read_secret(path: &Path) -> Result<Option<String>> {
    read_if(path, |metadata| {
        owner::check(metadata).and_then(|()| owner::check_closed(metadata))
    })
}

fn read_if(
    path: &Path,
    check: impl FnOnce(&Metadata) -> std::result::Result<(), String>,
) -> Result<Option<String>> {
    let refuse =
        |reason: &str| Failure::config(format_args!("{} is refused: {reason}", path.display()));
    let mut options = OpenOptions::new();
    options.read(true);
    owner::without_waiting(&mut options);
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(&error.to_string())),
    };
    let metadata = file
        .metadata()
        .map_err(|error| refuse(&error.to_string()))?;
    if metadata.is_dir() {
        return Ok(None);
    }
    if !metadata.is_file() {
        return Err(refuse("it is not a regular file"));
    }
    check(&metadata).map_err(|reason| refuse(&reason))?;
    if metadata.len() > MAX_BYTES {
        return Err(refuse("it is larger than 1 MiB"));
    }
    let mut text = String::new();
    Read::by_ref(&mut file)
        .take(MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(|_| refuse("it is not UTF-8 text"))?;
    Ok(Some(text))
}

#[cfg(unix)]
mod owner {
    use std::fs::{Metadata, OpenOptions};
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

    /// A FIFO is then refused at once instead of waiting for its writer.
    pub(super) fn without_waiting(options: &mut OpenOptions) {
        options.custom_flags(
            (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY)
                .bits()
                .cast_signed(),
        );
    }

    const ROOT: u32 = 0;

    pub(super) fn check_closed(metadata: &Metadata) -> Result<(), String> {
        if metadata.uid() != ROOT && metadata.mode() & 0o077 != 0 {
            return Err(
                "others can read it: run chmod 600 on it, and replace the secret".to_owned(),
            );
        }
        Ok(())
    }

    pub(super) fn check(metadata: &Metadata) -> Result<(), String> {
        let me = rustix::process::geteuid().as_raw();
        if ![me, ROOT].contains(&metadata.uid()) {
            return Err(format!(
                "it belongs to user {}, not to user {me}",
                metadata.uid()
            ));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err("others can write to it: run chmod go-w on it".to_owned());
        }
        Ok(())
    }
}

#[cfg(not(unix))]
mod owner {
    pub(super) fn without_waiting(_: &mut std::fs::OpenOptions) {}

    pub(super) fn check(_: &std::fs::Metadata) -> Result<(), String> {
        Ok(())
    }

    pub(super) fn check_closed(_: &std::fs::Metadata) -> Result<(), String> {
        Ok(())
    }
}
