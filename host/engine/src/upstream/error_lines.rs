//! The field `error:`, which llama.cpp's server writes where others write `data:`.
//!
//! The event stream's rules have readers pass over fields that they do not know, so the one line that says why an answer
//! ends would be lost. It is rewritten as an event named `error` before the decoder sees it.

use bytes::Bytes;

const FIELD: &[u8] = b"error:";
const INSTEAD: &[u8] = b"event:error\ndata:";

/// Rewrites a stream piece by piece. What may still become the field at the end of a piece is kept back: a few bytes.
pub(super) struct ErrorLines {
    /// How many bytes of the field the line is so far; none once it is another line.
    matched: Option<usize>,
}

impl Default for ErrorLines {
    fn default() -> Self {
        Self { matched: Some(0) }
    }
}

impl ErrorLines {
    /// The piece, as the decoder is to see it. Copied only where it must change.
    pub(super) fn rewrite(&mut self, piece: Bytes) -> Bytes {
        let mut written = FIELD[..self.matched.unwrap_or(0)].to_vec();
        // Up to `copied` the piece is in `written`, up to `at` it is read.
        let (mut copied, mut at) = (0, 0);
        while let Some(&byte) = piece.get(at) {
            match self.matched {
                Some(matched) if byte == FIELD[matched] => {
                    at += 1;
                    self.matched = Some(matched + 1);
                    if matched + 1 == FIELD.len() {
                        written.extend_from_slice(&piece[copied..at]);
                        written.truncate(written.len() - FIELD.len());
                        written.extend_from_slice(INSTEAD);
                        copied = at;
                        self.matched = None;
                    }
                }
                // This byte may be a line end itself.
                Some(_) => self.matched = None,
                None => match line_end(&piece[at..]) {
                    Some(end) => {
                        at += end + 1;
                        self.matched = Some(0);
                    }
                    None => at = piece.len(),
                },
            }
        }
        let kept = self.matched.unwrap_or(0);
        if written.is_empty() {
            return piece.slice(..piece.len() - kept);
        }
        written.extend_from_slice(&piece[copied..]);
        written.truncate(written.len() - kept);
        Bytes::from(written)
    }
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn rewritten(stream: &str, piece_bytes: usize) -> String {
        let mut lines = ErrorLines::default();
        let pieces = stream.as_bytes().chunks(piece_bytes);
        // The decoder is given an empty line at the end, which lets go of what was kept back.
        let pieces = pieces.chain([b"\n".as_slice()]);
        let bytes: Vec<u8> = pieces
            .flat_map(|piece| lines.rewrite(Bytes::copy_from_slice(piece)).to_vec())
            .collect();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_error_line_becomes_an_event_however_the_bytes_come() {
        for end in ["\n", "\r", "\r\n"] {
            let stream = format!("data: a{end}{end}error: {{}}{end}{end}error:x{end}");
            let wanted = stream.replace("error:", "event:error\ndata:") + "\n";
            for piece_bytes in 1..=stream.len() {
                assert_eq!(rewritten(&stream, piece_bytes), wanted, "{piece_bytes}");
            }
        }
    }

    #[test]
    fn every_other_line_stays_as_it_is() {
        let stream =
            "event: error\nerr\n error: no\nerror\nerrors: no\ndata: error: no\n: error:\n\nerr";
        for piece_bytes in 1..=stream.len() {
            assert_eq!(rewritten(stream, piece_bytes), format!("{stream}\n"));
        }
    }
}
