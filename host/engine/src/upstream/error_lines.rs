//! Errors that the event stream's rules have a reader pass over.
//!
//! llama.cpp's server writes the field `error:` where others write `data:`, and fields that are not known count for
//! nothing. An event without data counts for nothing either, though `event: error` says enough. Both are the one thing that
//! says why an answer ends, so they are rewritten before the decoder sees them: the field as an event named `error`, after the
//! end of the one before, and such an event with an empty line of data.

use bytes::Bytes;

/// How a line begins, and what it begins with instead.
const REWRITTEN: [(&[u8], &[u8]); 3] = [
    // Two: after a CR the first would be the end of the same line.
    (b"error:", b"\n\nevent:error\ndata:"),
    (b"event:error", b"data:\nevent:error"),
    (b"event: error", b"data:\nevent: error"),
];

/// Rewrites a stream piece by piece. What may still become such a beginning at the end of a piece is kept back: a few bytes.
pub(super) struct ErrorLines {
    /// What the line is so far, while that is the beginning of one of them; none once it is another line.
    begun: Option<&'static [u8]>,
}

impl Default for ErrorLines {
    fn default() -> Self {
        Self { begun: Some(b"") }
    }
}

impl ErrorLines {
    /// The piece, as the decoder is to see it. Copied only where it must change.
    pub(super) fn rewrite(&mut self, piece: Bytes) -> Bytes {
        let mut written = self.begun.unwrap_or_default().to_vec();
        // Up to `copied` the piece is in `written`, up to `at` it is read.
        let (mut copied, mut at) = (0, 0);
        while let Some(&byte) = piece.get(at) {
            let Some(begun) = self.begun else {
                match line_end(&piece[at..]) {
                    Some(end) => {
                        at += end + 1;
                        self.begun = Some(b"");
                    }
                    None => at = piece.len(),
                }
                continue;
            };
            let goes_on = |(line, _): &&(&'static [u8], &[u8])| {
                line.starts_with(begun) && line.get(begun.len()) == Some(&byte)
            };
            // This byte may be a line end itself.
            let Some((line, instead)) = REWRITTEN.iter().find(goes_on) else {
                self.begun = None;
                continue;
            };
            at += 1;
            self.begun = line.get(..=begun.len());
            if begun.len() + 1 == line.len() {
                written.extend_from_slice(&piece[copied..at]);
                written.truncate(written.len() - line.len());
                written.extend_from_slice(instead);
                copied = at;
                self.begun = None;
            }
        }
        let kept = self.begun.map_or(0, <[u8]>::len);
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
            let wanted = stream.replace("error:", "\n\nevent:error\ndata:") + "\n";
            for piece_bytes in 1..=stream.len() {
                assert_eq!(rewritten(&stream, piece_bytes), wanted, "{piece_bytes}");
            }
        }
    }

    #[test]
    fn an_event_named_error_has_data_however_the_bytes_come() {
        for line in ["event: error", "event:error"] {
            for end in ["\n", "\r", "\r\n"] {
                let stream = format!("data: a{end}{end}{line}{end}{end}");
                let wanted = stream.replace("event", "data:\nevent") + "\n";
                for piece_bytes in 1..=stream.len() {
                    assert_eq!(rewritten(&stream, piece_bytes), wanted, "{piece_bytes}");
                }
            }
        }
    }

    #[test]
    fn every_other_line_stays_as_it_is() {
        let stream = "event: err\nevent:  error\nevent\nerr\n error: no\nerror\nerrors: no\ndata: error: no\n\
            : error:\n event: error\n\nevent: err";
        for piece_bytes in 1..=stream.len() {
            assert_eq!(rewritten(stream, piece_bytes), format!("{stream}\n"));
        }
    }
}
