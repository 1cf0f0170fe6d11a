//! Files of `NAME=value` lines: `.env` in the working directory and the file of `--env-file`.
//!
//! A `.env` may have come with a cloned repository. So it may set only what cannot take the user's key or
//! remove the policy, it must belong to the user, and others must not be able to write to it. Names that mean
//! nothing to this program are passed over: the file may serve other programs too.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use super::owned;
use super::source::{Row, Source, TABLE};
use crate::error::{Failure, Result};

/// Stands for `$` while the parser runs, which would put other variables in its place: a repository must not
/// be able to build its database's address from the user's environment.
const DOLLAR: char = '\u{e000}';

/// The variables of one file, with the line of each.
#[derive(Debug, Default)]
pub(crate) struct EnvFile {
    values: BTreeMap<String, (SecretString, usize)>,
    path: Option<Arc<Path>>,
}

impl EnvFile {
    /// Reads `.env` in the working directory; a missing one is empty.
    ///
    /// # Errors
    /// When it is not this user's alone, is broken, or sets what it may not.
    pub(crate) fn dot_env() -> Result<Self> {
        let Some(text) = owned::read(Path::new(".env"))? else {
            return Ok(Self::default());
        };
        let file = Self {
            values: parse(".env", &text)?,
            path: None,
        };
        for (name, (_, line)) in &file.values {
            if TABLE.iter().any(|row| row.env == name && !row.dot_env) || name == "PLUGIN_LOCK" {
                return Err(Failure::config(format_args!(
                    ".env line {line}: a .env in the working directory may not set {name}; set it in the \
                     environment, or choose the file yourself with --env-file .env"
                )));
            }
        }
        Ok(file)
    }

    /// Reads the file that the user chose. It may set every variable.
    ///
    /// # Errors
    /// When it cannot be read or is broken.
    pub(crate) fn chosen(path: &Path) -> Result<Self> {
        let text = owned::read(path)?.ok_or_else(|| {
            Failure::config(format_args!(
                "--env-file {}: there is no such file",
                path.display()
            ))
        })?;
        Ok(Self {
            values: parse(&path.display().to_string(), &text)?,
            path: Some(Arc::from(path)),
        })
    }

    /// The variable of that row, unless it is missing or empty.
    pub(crate) fn get(&self, row: &Row) -> Option<(&SecretString, Source)> {
        let (value, line) = self.values.get(row.env)?;
        let source = match &self.path {
            Some(path) => Source::EnvFile(Arc::clone(path), *line),
            None => Source::DotEnv(*line),
        };
        Some((value, source))
    }
}

/// The last of several lines of one name counts. Empty values count as not set.
pub(super) fn parse(name: &str, text: &str) -> Result<BTreeMap<String, (SecretString, usize)>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains(['\0', DOLLAR]) {
        return Err(Failure::config(format_args!(
            "{name} is refused: it is not plain text"
        )));
    }
    let guarded = text.replace("\\$", "$").replace('$', &DOLLAR.to_string());
    let mut lines = LineByLine {
        text: guarded.as_bytes(),
        lines: 0,
    };
    let mut values = BTreeMap::new();
    loop {
        // The parser keeps no text between two entries, so that the lines read so far give the place.
        let before = lines.lines;
        let mut entries = dotenvy::Iter::new(&mut lines);
        let entry = entries.next();
        drop(entries);
        match entry {
            None => return Ok(values),
            Some(Ok((key, value))) => {
                let value = value.replace(DOLLAR, "$");
                if value.is_empty() {
                    values.remove(&key);
                } else {
                    values.insert(key, (SecretString::from(value), lines.lines));
                }
            }
            // The parser's own message repeats the line, which may hold a secret.
            Some(Err(_)) => {
                let line = lines.lines.max(before + 1);
                return Err(Failure::config(format_args!(
                    "{name} line {line}: write NAME=value, or NAME='value' where the value has blanks or quotes"
                )));
            }
        }
    }
}

/// Gives a reader one line at a time and counts them.
struct LineByLine<'a> {
    text: &'a [u8],
    lines: usize,
}

impl Read for LineByLine<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let line = self
            .text
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(self.text.len(), |end| end + 1);
        let length = line.min(buffer.len());
        let (now, later) = self.text.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.text = later;
        self.lines += usize::from(now.last() == Some(&b'\n') || (length > 0 && later.is_empty()));
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed parse fails the test")]

    use secrecy::ExposeSecret;

    use super::*;

    fn values(text: &str) -> Vec<(String, String, usize)> {
        let values = parse("x", text).unwrap();
        values
            .into_iter()
            .map(|(name, (value, line))| (name, value.expose_secret().to_owned(), line))
            .collect()
    }

    #[test]
    fn every_value_knows_its_line() {
        let found = values("\u{feff}# comment\nA=1\n\nexport B='two words' # why\nC=\nD=\"x\\ny\"");
        let expected = [("A", "1", 2), ("B", "two words", 4), ("D", "x\ny", 6)];
        assert_eq!(
            found,
            expected.map(|(name, value, line)| (name.to_owned(), value.to_owned(), line))
        );
    }

    #[test]
    fn variables_are_never_put_in() {
        assert_eq!(values("A=1\nB=${A}$HOME\nC=\"p\\$w\"")[1].1, "${A}$HOME");
        assert_eq!(values("C=\"p\\$w\"")[0].1, "p$w");
    }

    #[test]
    fn a_broken_line_is_named_and_not_repeated() {
        let message = parse("x", "A=1\nplanted-words 'open").unwrap_err().message;
        assert!(
            message.contains("x line 2") && !message.contains("planted"),
            "{message}"
        );
    }

    #[test]
    fn a_file_of_long_lines_is_read_whole() {
        let long = "v".repeat(20_000);
        assert_eq!(
            values(&format!("A={long}\nB=2"))[1],
            ("B".to_owned(), "2".to_owned(), 2)
        );
    }
}
