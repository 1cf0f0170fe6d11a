//! Takes secrets out of the process list.
//!
//! Every user of a machine can read the arguments of all processes. So when a secret stands on the command
//! line, the program starts itself again in the same process, with a mark in the secret's place, and hands
//! the real arguments over in an open file without a name. The time between the two starts, and the shell's history, remain: hence
//! the warning that is printed all the same.

#[cfg(unix)]
pub(crate) use unix::hide_secrets;

/// Elsewhere the arguments stay as they are.
#[cfg(not(unix))]
pub(crate) fn hide_secrets(arguments: Vec<std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    arguments
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsString;
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use rustix::io::FdFlags;

    /// Names the descriptor that carries the arguments.
    const VARIABLE: &str = "MINI_LLM_CHAT_ARGUMENTS_FD";

    /// More than any system takes as arguments.
    const MAX_ARGUMENT_BYTES: u64 = 4 * 1024 * 1024;

    const MARK: &str = "[hidden]";

    /// The arguments as they were given. When a secret is among them, this function is passed twice, and
    /// when the second start is not possible, the arguments stay visible.
    pub(crate) fn hide_secrets(arguments: Vec<OsString>) -> Vec<OsString> {
        let shown = masked(&arguments);
        if shown == arguments {
            return handed_over(&arguments).unwrap_or(arguments);
        }
        // Comes back only if it failed.
        let _ = start_again(&arguments, &shown);
        arguments
    }

    fn start_again(arguments: &[OsString], shown: &[OsString]) -> std::io::Result<()> {
        let bytes = arguments
            .iter()
            .map(|argument| argument.as_bytes())
            .collect::<Vec<_>>()
            .join(&0);
        let reader = carrier(&bytes)?;
        rustix::io::fcntl_setfd(&reader, FdFlags::empty())?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(&shown[1..])
            .env(VARIABLE, reader.as_raw_fd().to_string());
        command.arg0(&shown[0]);
        Err(command.exec())
    }

    /// An open file of no name that holds these bytes, however many.
    #[cfg(target_os = "linux")]
    fn carrier(bytes: &[u8]) -> std::io::Result<OwnedFd> {
        let mut file = File::from(rustix::fs::memfd_create(
            "arguments",
            rustix::fs::MemfdFlags::empty(),
        )?);
        file.write_all(bytes)?;
        Ok(file.into())
    }

    /// A pipe that holds these bytes. More than it takes without a reader would wait for ever.
    #[cfg(not(target_os = "linux"))]
    fn carrier(bytes: &[u8]) -> std::io::Result<OwnedFd> {
        const MAX_BYTES: usize = 32 * 1024;
        if bytes.len() > MAX_BYTES {
            return Err(std::io::Error::other(
                "the arguments are too long to hand over",
            ));
        }
        let (reader, mut writer) = std::io::pipe()?;
        writer.write_all(bytes)?;
        Ok(reader.into())
    }

    /// The arguments from the first start, if there was one.
    fn handed_over(shown: &[OsString]) -> Option<Vec<OsString>> {
        if !shown
            .iter()
            .any(|argument| argument.to_string_lossy().contains(MARK))
        {
            return None;
        }
        let number: u32 = std::env::var(VARIABLE).ok()?.parse().ok()?;
        let mut bytes = Vec::new();
        let file = File::open(format!("/dev/fd/{number}")).ok()?;
        file.take(MAX_ARGUMENT_BYTES).read_to_end(&mut bytes).ok()?;
        let arguments = bytes
            .split(|&byte| byte == 0)
            .map(|bytes| OsString::from_vec(bytes.to_vec()))
            .collect::<Vec<_>>();
        (masked(&arguments) == shown).then_some(arguments)
    }

    /// The arguments as everybody may see them.
    fn masked(arguments: &[OsString]) -> Vec<OsString> {
        let mut shown = Vec::with_capacity(arguments.len());
        let mut hide_next = None;
        for argument in arguments {
            let text = argument.to_string_lossy();
            if let Some(hide) = hide_next.take() {
                shown.push(if hide_value(hide, &text) {
                    MARK.into()
                } else {
                    argument.clone()
                });
                continue;
            }
            match text.split_once('=') {
                Some((option @ ("--api-key" | "--database-url"), value))
                    if hide_value(option == "--api-key", value) =>
                {
                    shown.push(format!("{option}={MARK}").into());
                    continue;
                }
                _ => {}
            }
            if text == "--api-key" || text == "--database-url" {
                hide_next = Some(text == "--api-key");
            }
            shown.push(argument.clone());
        }
        shown
    }

    /// A key always, an address only where it may hold a password.
    fn hide_value(is_key: bool, value: &str) -> bool {
        value != MARK && (is_key || value.contains('@') || value.contains("password"))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn shown(arguments: &[&str]) -> Vec<String> {
            let arguments = arguments.iter().map(OsString::from).collect::<Vec<_>>();
            masked(&arguments)
                .into_iter()
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect()
        }

        #[test]
        fn keys_and_passwords_are_hidden_and_nothing_else() {
            assert_eq!(
                shown(&["p", "--api-key", "k", "ask", "x"]),
                ["p", "--api-key", "[hidden]", "ask", "x"]
            );
            assert_eq!(
                shown(&["p", "--api-key=k", "--model=m"]),
                ["p", "--api-key=[hidden]", "--model=m"]
            );
            assert_eq!(
                shown(&["p", "--database-url", "postgres://u:w@h"]),
                ["p", "--database-url", "[hidden]"]
            );
            assert_eq!(
                shown(&["p", "--database-url=sqlite://f"]),
                ["p", "--database-url=sqlite://f"]
            );
        }

        #[test]
        fn hiding_twice_changes_nothing() {
            let once = masked(&["p", "--api-key", "k"].map(OsString::from));
            assert_eq!(masked(&once), once);
        }
    }
}
