//! The least that can read a streamed answer: a reqwest loop that splits events and prints their text.
//!
//! The bench compares the product with it, so it keeps no history, checks nothing and stops at the first trouble.
//! Usage: `bare-client BASE_URL MODEL TURNS [MESSAGES BYTES]`: that many answers, one after the other, over one connection;
//! `-` asks for each line of standard input. With so many messages of so many bytes before each prompt.

#![allow(
    clippy::print_stderr,
    reason = "a program for the terminal, not host code"
)]

use std::error::Error;
use std::io::Write;

use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (base, model, turns, before) = match arguments.as_slice() {
        [base, model, turns] => (base, model, turns, Vec::new()),
        [base, model, turns, messages, bytes] => {
            let before = vec!["word ".repeat(bytes.parse::<usize>()? / 5); messages.parse()?];
            (base, model, turns, before)
        }
        _ => return Err("usage: bare-client BASE_URL MODEL TURNS [MESSAGES BYTES]".into()),
    };
    let client = reqwest::Client::builder().no_proxy().build()?;
    if turns == "-" {
        for prompt in std::io::stdin().lines() {
            answer(&client, base, model, &before, &prompt?).await?;
        }
        return Ok(());
    }
    for turn in 0..turns.parse::<u32>()? {
        answer(&client, base, model, &before, &format!("message {turn}")).await?;
    }
    Ok(())
}

async fn answer(
    client: &reqwest::Client,
    base: &str,
    model: &str,
    before: &[String],
    prompt: &str,
) -> Result<(), Box<dyn Error>> {
    let messages: Vec<Value> = before
        .iter()
        .map(String::as_str)
        .chain([prompt])
        .map(|content| json!({ "role": "user", "content": content }))
        .collect();
    let body = json!({
        "model": model, "stream": true, "stream_options": { "include_usage": true },
        "messages": messages,
    });
    let url = format!("{base}/chat/completions");
    let mut response = client
        .post(url)
        .json(&body)
        .send()
        .await?
        .error_for_status()?;
    let mut out = std::io::stdout();
    let mut buffer = Vec::new();
    while let Some(bytes) = response.chunk().await? {
        buffer.extend_from_slice(&bytes);
        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = buffer.drain(..end + 2).collect();
            let Some(data) = event
                .strip_prefix(b"data: ")
                .filter(|data| !data.starts_with(b"[DONE]"))
            else {
                continue;
            };
            let chunk: Value = serde_json::from_slice(data)?;
            if let Some(text) = chunk["choices"][0]["delta"]["content"].as_str() {
                out.write_all(text.as_bytes())?;
                out.flush()?;
            }
        }
    }
    Ok(())
}
