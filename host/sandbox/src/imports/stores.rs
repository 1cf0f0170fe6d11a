//! `storage`, `cache`, `rate-limit`: what a plugin may keep, and the caller's window.

use super::granted;
use crate::contract::imports::mini_llm_chat::host::{cache, rate_limit, storage};
use crate::contract::{Failure, Ticket};
use crate::limits::{CACHE_SECONDS, KEY_BYTES, VALUE_BYTES};
use crate::meter::Data;

fn check_key(key: &str) -> Result<(), Failure> {
    if (1..=KEY_BYTES).contains(&key.len()) {
        return Ok(());
    }
    Err(Failure::Invalid(format!(
        "a key has 1 to {KEY_BYTES} bytes, not {}",
        key.len()
    )))
}

fn check_value(value: &[u8]) -> Result<(), Failure> {
    if value.len() <= VALUE_BYTES {
        return Ok(());
    }
    Err(Failure::OverQuota(format!(
        "a value has at most {} KiB",
        VALUE_BYTES >> 10
    )))
}

impl storage::Host for Data {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<Vec<u8>>, Failure>> {
        let run = granted!(self.run()?);
        granted!(check_key(&key));
        Ok(run.services.storage.get(&self.meta.name, &key).await)
    }

    async fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        granted!(check_key(&key).and_then(|()| check_value(&value)));
        Ok(run.services.storage.set(&self.meta.name, &key, value).await)
    }

    async fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        granted!(check_key(&key));
        Ok(run.services.storage.delete(&self.meta.name, &key).await)
    }

    async fn keys(
        &mut self,
        prefix: String,
        after: Option<String>,
    ) -> wasmtime::Result<Result<Vec<String>, Failure>> {
        let run = granted!(self.run()?);
        let storage = &run.services.storage;
        Ok(storage
            .keys(&self.meta.name, &prefix, after.as_deref())
            .await)
    }
}

impl cache::Host for Data {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<Vec<u8>>, Failure>> {
        let run = granted!(self.run()?);
        granted!(check_key(&key));
        Ok(run.services.cache.get(&self.meta.name, &key).await)
    }

    async fn set(
        &mut self,
        key: String,
        value: Vec<u8>,
        seconds: u32,
    ) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        granted!(check_key(&key).and_then(|()| check_value(&value)));
        if !CACHE_SECONDS.contains(&seconds) {
            let why = "a value is kept for 1 to 86,400 seconds".to_owned();
            return Ok(Err(Failure::Invalid(why)));
        }
        let cache = &run.services.cache;
        Ok(cache.set(&self.meta.name, &key, value, seconds).await)
    }

    async fn clear_answers(&mut self) -> wasmtime::Result<Result<u64, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.cache.clear_answers().await)
    }
}

impl rate_limit::Host for Data {
    async fn take(&mut self) -> wasmtime::Result<Result<Ticket, Failure>> {
        let run = granted!(self.run()?);
        Ok(run.services.rate_limit.take().await)
    }
}
