//! Bytes of a fixed number, shown as hexadecimal digits.

use std::fmt;
use std::str::FromStr;

/// So many bytes. Written in lower case, read in any.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes<const N: usize>(pub [u8; N]);

/// The text is not of that form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not {0} bytes in hexadecimal digits")]
pub struct InvalidBytes(usize);

impl<const N: usize> Bytes<N> {
    /// Exactly so many bytes.
    ///
    /// # Errors
    /// When there are more or fewer.
    pub fn of(bytes: &[u8]) -> Result<Self, InvalidBytes> {
        bytes.try_into().map(Self).map_err(|_| InvalidBytes(N))
    }
}

impl<const N: usize> fmt::Display for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> FromStr for Bytes<N> {
    type Err = InvalidBytes;

    fn from_str(text: &str) -> Result<Self, InvalidBytes> {
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(InvalidBytes(N));
        if text.len() != 2 * N {
            return Err(InvalidBytes(N));
        }
        let mut bytes = [0; N];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let both = digit(pair[0])? << 4 | digit(pair[1])?;
            *byte = u8::try_from(both).map_err(|_| InvalidBytes(N))?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn digits_are_read_back_and_nothing_else_is() {
        let bytes = Bytes([0x00, 0xff, 0x1a]);
        assert_eq!(bytes.to_string(), "00ff1a");
        assert_eq!("00FF1a".parse::<Bytes<3>>().unwrap(), bytes);
        for text in ["", "00ff1", "00ff1a0", "00ff1g", "0\u{00e9}ff1", "+0ff1a"] {
            assert!(text.parse::<Bytes<3>>().is_err(), "{text}");
        }
    }
}
