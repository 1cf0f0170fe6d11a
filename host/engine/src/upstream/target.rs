//! One question to the stream's parser for any bytes: asked by the property tests here, and by the fuzzer in `fuzz/`.

use std::collections::VecDeque;

use bytes::Bytes;

use super::base_url::BaseUrl;
use super::chunk::{Progress, Reading};
use super::classify::Blame;
use super::event::{Event, FinishReason};
use super::frames::Frames;

const EVENT_BYTES: usize = 512;

/// What was read of a stream, in a form that can be compared.
#[derive(Debug, PartialEq)]
struct Read {
    /// Texts by channel, joined: how a server cuts them does not matter.
    texts: Vec<(String, String)>,
    finish: Option<FinishReason>,
    usage: Vec<Event>,
    done: bool,
    /// The error that ended it.
    error: Option<String>,
}

/// Reads the pieces as the client does.
///
/// # Panics
/// When an event is longer than its cap allows, or a delta is empty.
fn read(pieces: &[&[u8]], blame: &Blame) -> Read {
    let mut frames = Frames::new(EVENT_BYTES);
    let (mut reading, mut out) = (Reading::default(), VecDeque::new());
    let (mut done, mut error) = (false, None);
    let mut drain = |frames: &mut Frames| -> bool {
        loop {
            let event = match frames.next() {
                Ok(Some(event)) => event,
                Ok(None) => return true,
                Err(_) => {
                    error = Some("too large".to_owned());
                    return false;
                }
            };
            // What is not UTF-8 takes three bytes where it took one.
            assert!(event.data.len() <= 3 * EVENT_BYTES, "an event is capped");
            match reading.event(&event, blame, &mut out) {
                Ok(Progress::More) => {}
                Ok(Progress::Done) => {
                    done = true;
                    return false;
                }
                Err(refused) => {
                    error = Some(format!("{refused} {refused:?}"));
                    return false;
                }
            }
        }
    };
    let mut goes_on = true;
    for piece in pieces {
        if goes_on {
            frames.push(Bytes::copy_from_slice(piece));
            goes_on = drain(&mut frames);
        }
    }
    if goes_on {
        frames.end();
        drain(&mut frames);
    }
    let (mut texts, mut usage): (Vec<(String, String)>, _) = (Vec::new(), Vec::new());
    for event in out {
        match event {
            Event::Delta { channel, text } => {
                assert!(!text.is_empty(), "a delta has text");
                let channel = format!("{channel:?}");
                match texts.last_mut() {
                    Some((last, joined)) if *last == channel => joined.push_str(&text),
                    _ => texts.push((channel, text)),
                }
            }
            Event::Usage(_) => usage.push(event),
            Event::Finish { .. } => {}
        }
    }
    Read {
        texts,
        finish: reading.finish,
        usage,
        done,
        error,
    }
}

/// However the bytes are split, the same is read of them; an event is capped; only a finish reason finishes. The first
/// byte says how they are split.
///
/// # Panics
/// When that does not hold.
pub(crate) fn stream(input: &[u8]) {
    let Some((&split, bytes)) = input.split_first() else {
        return;
    };
    let Ok(url) = BaseUrl::parse("http://localhost") else {
        return;
    };
    let blame = Blame::new(&url, None);
    let whole = read(&[bytes], &blame);
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(split % 16) + 1).collect();
    assert_eq!(read(&pieces, &blame), whole, "splitting changes nothing");
    if whole.finish.is_some() {
        let named = bytes.windows(13).any(|word| word == b"finish_reason");
        // A name may be written with escapes.
        let escaped = bytes.contains(&b'\\');
        assert!(named || escaped, "only a finish reason finishes");
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = blame.named_error(&text);
    let _ = blame.status(400, bytes, None);
}
