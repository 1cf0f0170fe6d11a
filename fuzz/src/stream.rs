//! The parser of a model server's stream, for any bytes.
#![no_main]

/// The files of the client that read a stream, without the network around them.
#[path = "../../host/engine/src/upstream"]
mod upstream {
    mod bare;
    mod base_url;
    mod chunk;
    mod classify;
    mod content;
    mod detail;
    mod error;
    mod error_lines;
    mod event;
    mod frames;
    mod key;
    mod said;
    pub(crate) mod target;
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| upstream::target::stream(data));
