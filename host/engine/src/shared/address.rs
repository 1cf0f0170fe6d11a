//! Where Redis is.

use std::fmt;

use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsCertificates};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The port when none is named.
const DEFAULT_PORT: u16 = 6379;

/// A checked address, with its password. Shows neither user nor password.
#[derive(Clone)]
pub struct Address {
    info: ConnectionInfo,
    shown: String,
}

/// The address cannot be used. Never repeats it: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address of Redis cannot be used: {0}")]
pub struct AddressError(&'static str);

const FORM: AddressError =
    AddressError("write redis://host:6379/0, rediss://host:6379/0 for TLS, or unix:///path");

const NO_AUTHORITY: AddressError =
    AddressError("the file of its authorities holds no certificates in PEM");

impl Address {
    /// Reads `redis://[user:password@]host[:port][/database]`, the same with `rediss` for TLS, or `unix:///path`.
    ///
    /// # Errors
    ///
    /// When it has another form, or switches the check of certificates off.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let known = ["redis://", "rediss://", "unix://", "redis+unix://"];
        if !known.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(FORM);
        }
        Self::checked(url.into_connection_info().map_err(|_| FORM)?)
    }

    /// Of host, port (6379 when unset) and password, without TLS, database 0.
    ///
    /// # Errors
    ///
    /// When the host is empty.
    pub fn of(host: &str, port: Option<u16>, password: Option<&str>) -> Result<Self, AddressError> {
        if host.is_empty() || host.contains(['/', '@', ' ']) {
            return Err(AddressError("the host is no name of a machine"));
        }
        let mut info = (host, port.unwrap_or(DEFAULT_PORT))
            .into_connection_info()
            .map_err(|_| FORM)?;
        if let Some(password) = password {
            let settings = info.redis_settings().clone().set_password(password);
            info = info.set_redis_settings(settings);
        }
        Self::checked(info)
    }

    fn checked(info: ConnectionInfo) -> Result<Self, AddressError> {
        let shown = match info.addr() {
            ConnectionAddr::TcpTls { insecure: true, .. } => {
                return Err(AddressError(
                    "a certificate that nobody checks protects nothing: leave out #insecure",
                ));
            }
            ConnectionAddr::Unix(path) => path.display().to_string(),
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                format!("{host}:{port}")
            }
            _ => return Err(FORM),
        };
        // Not asked for in older servers, and nobody reads it.
        let settings = info.redis_settings().clone().set_skip_set_lib_name();
        Ok(Self {
            info: info.set_redis_settings(settings),
            shown,
        })
    }

    /// Believes the certificate authorities in this PEM instead of the system's.
    ///
    /// # Errors
    ///
    /// When there is no certificate in it, or the address is without TLS, so that nothing would be checked.
    pub fn with_authorities(mut self, pem: &[u8]) -> Result<Self, AddressError> {
        if !matches!(self.info.addr(), ConnectionAddr::TcpTls { .. }) {
            return Err(AddressError(
                "an authority is named and the connection is without TLS: write rediss://",
            ));
        }
        let mut found = CertificateDer::pem_slice_iter(pem);
        if !matches!(found.next(), Some(Ok(_))) {
            return Err(NO_AUTHORITY);
        }
        let certificates = TlsCertificates {
            client_tls: None,
            root_cert: Some(pem.to_vec()),
        };
        let client = Client::build_with_tls(self.info, certificates).map_err(|_| NO_AUTHORITY)?;
        self.info = client.get_connection_info().clone();
        Ok(self)
    }

    /// The name of the machine, where it is one.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self.info.addr() {
            ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => Some(host),
            _ => None,
        }
    }

    /// Whether what is sent can be read on the way.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.info.addr(), ConnectionAddr::Tcp(..))
    }

    pub(super) fn info(&self) -> &ConnectionInfo {
        &self.info
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn an_address_shows_neither_user_nor_password() {
        let address = Address::parse("rediss://ann:made-up-words@cache.example:7000/2").unwrap();
        assert_eq!(address.to_string(), "cache.example:7000");
        assert_eq!(format!("{address:?}"), "Address(cache.example:7000)");
        assert!(!address.is_plain() && address.host() == Some("cache.example"));
        let parts = Address::of("cache.example", None, Some("made-up-words")).unwrap();
        assert_eq!(parts.to_string(), "cache.example:6379");
        assert!(parts.is_plain());
    }

    #[test]
    fn authorities_are_certificates_for_a_connection_with_tls() {
        let tls = || Address::parse("rediss://cache.example").unwrap();
        for no_certificate in ["", "planted", "-----BEGIN CERTIFICATE-----\nplanted"] {
            let error = tls()
                .with_authorities(no_certificate.as_bytes())
                .unwrap_err();
            assert_eq!(error, NO_AUTHORITY);
        }
        let plain = Address::parse("redis://cache.example").unwrap();
        let error = plain.with_authorities(b"").unwrap_err().to_string();
        assert!(error.contains("rediss://"), "{error}");
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_being_repeated() {
        for text in [
            "",
            "localhost",
            "http://planted-host",
            "redis://",
            "rediss://planted-host/#insecure",
            "redis://planted-host:99999",
            "redis://planted-host/planted",
        ] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(!error.contains("planted"), "{text}: {error}");
        }
        assert!(Address::of("", None, None).is_err());
        assert!(Address::of("a@b", None, None).is_err());
    }
}
