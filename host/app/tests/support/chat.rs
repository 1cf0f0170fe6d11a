//! A chat that is still going on while the test does something to it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};

use mock_openai::MockServer;

use crate::support::Home;

/// A chat over pipes, read line by line.
pub(crate) struct Chat {
    child: Child,
    input: ChildStdin,
    errors: BufReader<std::process::ChildStderr>,
}

impl Chat {
    pub(crate) fn open(home: &Home, server: &MockServer) -> Self {
        let url = server.base_url();
        let mut command = home.command(&["--base-url", &url, "--max-calls", "1000"]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            input,
            errors,
        }
    }

    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// Reads notices up to one with these words, and returns all of them.
    pub(crate) fn until(&mut self, words: &str) -> String {
        let mut said = String::new();
        while !said.contains(words) {
            let read = self.errors.read_line(&mut said).unwrap();
            assert_ne!(read, 0, "{words}: {said}");
        }
        said
    }

    pub(crate) fn leave(self) -> String {
        drop(self.input);
        let output = self.child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}
