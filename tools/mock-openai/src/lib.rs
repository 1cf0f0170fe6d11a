//! A mock of the OpenAI API with scripted faults, for tests, benches and the demo.
//!
//! It speaks real HTTP/1.1 on a loopback port, so a client is tested with its own connection pool, decompression and
//! framing; nothing is stubbed. What it answers is a [`Script`], changeable at run time, and every way in which a
//! server may misbehave is one variant of [`Fault`]: a test that walks [`Fault::ALL`] has seen them all.
//!
//! Time is never needed to step through an answer: a [`Gate`] lets a test release delta by delta, and
//! [`MockServer::wait_for_close`] reports the moment a client gave up on a response.
//!
//! ```
//! # async fn example() -> std::io::Result<()> {
//! use mock_openai::{Fault, MockServer, Script};
//!
//! let server = MockServer::start(Script::answer("Hello.")).await?;
//! println!("point a client at {}", server.base_url());
//! server.set_script(Script::fault(Fault::CutMidStream));
//! # Ok(())
//! # }
//! ```
//!
//! Without a script of its own a request chooses by magic: the model name `mock-NAME`, or a prompt that begins with
//! `mock:NAME`, where NAME is a [`Fault::name`] or one of the scenes in [`magic`].

mod answer;
mod body;
pub mod conformance;
pub mod fault;
mod framing;
pub mod magic;
mod plan;
mod record;
mod script;
mod server;

pub use fault::Fault;
pub use record::{Ending, Request};
pub use script::{Framing, Gate, Reply, Script, Split, Usage};
pub use server::MockServer;

/// A made-up key in the shape of OpenAI's: long enough for a scanner's pattern, with the word `mock` where a real key
/// is random. Answers, error bodies and headers plant it where a client must not let it through.
pub const PLANTED_KEY: &str = concat!(
    "sk-",
    "mock",
    "Planted",
    "0123456789",
    "abcdefghij",
    "ABCDEFGHIJ",
    "0123"
);
