//! The chat on a real terminal: a pty of its own, which is the controlling terminal of the process.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use nix::pty::{Winsize, openpty};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, tcgetattr};

use crate::support::Home;

/// A test that waits so long has failed; nothing is ever waited for by time alone.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const CTRL_C: &str = "\u{3}";
pub(crate) const CTRL_D: &str = "\u{4}";
pub(crate) const CTRL_U: &str = "\u{15}";
pub(crate) const ENTER: &str = "\r";

pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    /// Kept open, so that the terminal's modes can be read after the chat has ended.
    side: OwnedFd,
    before: Termios,
    screen: Arc<Screen>,
    /// Up to here the screen was waited for.
    seen: usize,
}

/// All that was written to the terminal so far.
#[derive(Default)]
struct Screen {
    text: Mutex<Vec<u8>>,
    grown: Condvar,
}

impl Terminal {
    /// Starts the program with these arguments.
    pub(crate) fn start(home: &Home, arguments: &[&str]) -> Self {
        Self::start_wide(home, arguments, 200)
    }

    /// The same on a terminal with so many columns.
    pub(crate) fn start_wide(home: &Home, arguments: &[&str], columns: u16) -> Self {
        let size = Winsize {
            ws_row: 40,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(Some(&size), None).unwrap();
        let before = tcgetattr(&pty.slave).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let plain = home.command(arguments);
        // It makes the terminal the controlling one, so that Ctrl-C is a signal, and becomes the program.
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .arg(plain.get_program())
            .args(plain.get_args())
            .env_clear()
            .envs(
                plain
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("TERM", "xterm")
            .current_dir(plain.get_current_dir().unwrap())
            .stdin(end())
            .stdout(end())
            .stderr(end());
        let child = command.spawn().unwrap();
        let screen = Arc::<Screen>::default();
        let output = File::from(pty.master.try_clone().unwrap());
        let shown = screen.clone();
        std::thread::spawn(move || shown.fill(output));
        Self {
            child,
            keyboard: File::from(pty.master),
            side: pty.slave,
            before,
            screen,
            seen: 0,
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Types a line once the prompt is there.
    pub(crate) fn say(&mut self, line: &str) {
        self.wait_for("You: ");
        self.press(&format!("{line}{ENTER}"));
    }

    /// Waits until `text` is on the screen, after all that was waited for before.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let found = self.screen.find(text, self.seen);
        let shown = self.shown();
        self.seen = found.unwrap_or_else(|| panic!("{text:?} did not come: {shown}"));
    }

    /// Everything that was on the screen.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.screen.text.lock().unwrap()).into_owned()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).unwrap();
    }

    /// Waits for the end, and expects the terminal as it was before.
    pub(crate) fn end(mut self) -> ExitStatus {
        let status = self.child.wait().unwrap();
        let after = tcgetattr(&self.side).unwrap();
        let modes = |termios: &Termios| {
            (
                termios.input_modes,
                termios.output_modes,
                termios.control_modes,
                termios.local_modes,
            )
        };
        assert_eq!(modes(&after), modes(&self.before), "{}", self.shown());
        status
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // After a test that failed; one that ended has nothing to kill.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Screen {
    fn fill(&self, mut output: File) {
        let mut buffer = [0; 4096];
        // Linux reports the end of a terminal as an error.
        while let Ok(read @ 1..) = output.read(&mut buffer) {
            self.text.lock().unwrap().extend_from_slice(&buffer[..read]);
            self.grown.notify_all();
        }
    }

    /// Where `text` ends, looked for from `start`; none when it does not come.
    fn find(&self, text: &str, start: usize) -> Option<usize> {
        let position = |shown: &[u8]| {
            let mut windows = shown[start..].windows(text.len());
            windows.position(|window| window == text.as_bytes())
        };
        let shown = self.text.lock().unwrap();
        let (shown, _) = self
            .grown
            .wait_timeout_while(shown, PATIENCE, |shown| position(shown).is_none())
            .unwrap();
        Some(start + position(&shown)? + text.len())
    }
}
