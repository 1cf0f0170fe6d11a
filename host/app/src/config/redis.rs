//! Where limits and cached answers are shared, if anywhere.

use mini_llm_chat_engine::shared::{Address, AddressError};
use secrecy::ExposeSecret;

use super::layers::Layers;
use super::settings::Redis;
use super::source::{self, Row, Source, Sourced};
use super::value;
use crate::error::{Failure, Result};

/// The address as a whole, or host, port and password; the whole one wins.
pub(super) fn redis(layers: &Layers<'_>) -> Result<Option<Redis>> {
    let required = layers
        .get_or(&source::REDIS_REQUIRED, false, value::yes_or_no)?
        .value;
    let address = match whole(layers)? {
        Some(address) => Some(address),
        None => of_parts(layers)?,
    };
    match address {
        Some(address) => Ok(Some(Redis {
            address: believing(layers, address)?,
            required,
        })),
        None if required => Err(layers.wrong_in_file(
            source::REDIS_REQUIRED.file,
            "it is required, but nothing says where it is: set REDIS_URL, or REDIS_HOST",
        )),
        None => Ok(None),
    }
}

/// Lines for standard error at start.
pub(super) fn notices(redis: &Redis) -> Vec<String> {
    let address = &redis.address;
    let mut notices = Vec::new();
    if let Source::DotEnv(line) = address.source {
        notices.push(format!(
            "limits and cached answers are shared through Redis at {}, as .env line {line} says",
            address.value
        ));
    }
    let host = address.host().unwrap_or("localhost");
    let is_here = host == "localhost"
        || host
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    if address.is_plain() && !is_here {
        notices.push(
            "warning: the password of Redis can be read on the way: use rediss:// in REDIS_URL"
                .to_owned(),
        );
    }
    notices
}

fn whole(layers: &Layers<'_>) -> Result<Option<Sourced<Address>>> {
    let Some(url) = layers.text(&source::REDIS_URL)? else {
        return Ok(None);
    };
    let address = Address::parse(url.expose_secret())
        .map_err(|error| wrong(layers, &source::REDIS_URL, &url.source, error))?;
    Ok(Some(Sourced {
        value: address,
        source: url.source,
    }))
}

/// With the authorities of the operator's file, where one is named.
fn believing(layers: &Layers<'_>, address: Sourced<Address>) -> Result<Sourced<Address>> {
    let Some(file) = layers.path(&source::REDIS_CA_FILE)? else {
        return Ok(address);
    };
    let wrong = |reason: &dyn std::fmt::Display| {
        let reason = format!("{}: {reason}", file.value.display());
        layers.wrong(&source::REDIS_CA_FILE, &file.source, &reason)
    };
    let pem = std::fs::read(&file.value).map_err(|error| wrong(&error))?;
    let value = address
        .value
        .with_authorities(&pem)
        .map_err(|error| wrong(&error))?;
    Ok(Sourced {
        value,
        source: address.source,
    })
}

fn of_parts(layers: &Layers<'_>) -> Result<Option<Sourced<Address>>> {
    let Some(host) = layers.get(&source::REDIS_HOST, |host| Ok(host.to_owned()))? else {
        return Ok(None);
    };
    let port = layers.get(&source::REDIS_PORT, value::port)?;
    let password = layers.text(&source::REDIS_PASSWORD)?;
    if let Some(password) = &password
        && host.source.trust() < password.source.trust()
    {
        return Err(Failure::config(format_args!(
            "the password of {} is not sent to Redis at {}: the host came from {}, which is less trusted",
            source::REDIS_PASSWORD.place(&password.source),
            mini_llm_chat_sandbox::printable::line(&host.value, 60),
            source::REDIS_HOST.place(&host.source)
        )));
    }
    let password = password.as_ref().map(|set| set.expose_secret());
    let address = Address::of(&host.value, port.map(|set| set.value), password)
        .map_err(|error| wrong(layers, &source::REDIS_HOST, &host.source, error))?;
    Ok(Some(Sourced {
        value: address,
        source: host.source,
    }))
}

fn wrong(layers: &Layers<'_>, row: &Row, source: &Source, error: AddressError) -> Failure {
    layers.wrong(row, source, &error.to_string())
}
