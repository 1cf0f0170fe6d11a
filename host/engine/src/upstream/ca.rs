//! Certificate authorities of the operator's own.

use reqwest::Certificate;

use super::error::ConfigError;

/// Authorities that are believed beside the system's: a company's own, for a server inside its network.
#[derive(Clone, Debug, Default)]
pub struct CaCertificates(Vec<Certificate>);

impl CaCertificates {
    /// Reads PEM with one or more certificates.
    ///
    /// # Errors
    ///
    /// When there is no certificate in it.
    pub fn parse(pem: &[u8]) -> Result<Self, ConfigError> {
        match Certificate::from_pem_bundle(pem) {
            Ok(certificates) if !certificates.is_empty() => Ok(Self(certificates)),
            _ => Err(ConfigError::CaFile),
        }
    }

    pub(super) fn all(&self) -> Option<Vec<Certificate>> {
        (!self.0.is_empty()).then(|| self.0.clone())
    }
}
