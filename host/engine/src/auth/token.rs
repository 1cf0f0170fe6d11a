//! Tokens: who is in a session, as a JSON Web Token signed with the token key.
//!
//! There is one algorithm, HS256, and no other can be asked for: a header that names another one is refused before
//! anything is computed, and no claim is looked at before the signature is right. Every claim is needed and checked.

use std::fmt;

use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::EngineError;
use crate::keys::{Key, KeyRing};
use crate::storage::IssuedToken;

const ALGORITHM: Algorithm = Algorithm::HS256;
const TYPE: &str = "JWT";
/// What the signing key is derived for, from the token key.
const DERIVATION: &str = "tokens";
const ISSUER: &str = "mini-llm-chat";
const AUDIENCE: &str = "mini-llm-chat";
/// What the clocks of two machines may differ, in seconds.
const LEEWAY_SECONDS: u32 = 5;
/// A longer text is no token of ours.
const MAX_BYTES: usize = 4096;

/// A signed token. Shown nowhere.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// Takes any text, without the white space around it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(SecretString::from(text.trim().to_owned()))
    }

    /// The text, for the file that keeps it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Why a token is not believed. Says nothing that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Not of the form, cut off, or with other claims.
    #[error("it is damaged, or not one of this program's")]
    Malformed,
    /// Not signed by a key of ours with our algorithm.
    #[error("it was not signed by a key that this process has")]
    Signature,
    /// For somebody else, or by somebody else.
    #[error("it was made for another program")]
    Audience,
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// Its time has not begun.
    #[error("it is from the future: check the clock of this machine")]
    Future,
    /// The user logged out, is locked out, or has another role or password.
    #[error("it was revoked")]
    Revoked,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    sub: String,
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
}

/// Signs a token with the key in use.
pub(super) fn sign(ring: &KeyRing, token: &IssuedToken) -> Result<Token, EngineError> {
    let key = ring.current();
    let header = Header {
        kid: Some(key.id().to_string()),
        ..Header::new(ALGORITHM)
    };
    let claims = Claims {
        sub: token.user.to_string(),
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        iat: token.issued.as_second(),
        nbf: token.issued.as_second(),
        exp: token.expires.as_second(),
        jti: token.id.to_string(),
    };
    let secret = EncodingKey::from_secret(key.derive(DERIVATION).as_ref());
    jsonwebtoken::encode(&header, &claims, &secret)
        .map(|text| Token::new(&text))
        .map_err(|error| EngineError::Invalid(format!("the token cannot be made: {error}")))
}

/// What a token says, if one of these keys signed it and its time is now. Whether it was revoked the database knows.
pub(super) fn read(ring: &KeyRing, token: &Token) -> Result<IssuedToken, InvalidToken> {
    let text = token.expose();
    if text.len() > MAX_BYTES {
        return Err(InvalidToken::Malformed);
    }
    let key = signing_key(ring, text)?;
    let secret = DecodingKey::from_secret(key.derive(DERIVATION).as_ref());
    let claims = jsonwebtoken::decode(text, &secret, &rules())
        .map_err(|error| refusal(error.kind()))?
        .claims;
    issued(&claims)
}

/// The key that the header names. The header is believed in nothing else: the algorithm is ours.
fn signing_key<'a>(ring: &'a KeyRing, text: &str) -> Result<&'a Key, InvalidToken> {
    let header = jsonwebtoken::decode_header(text).map_err(|_| InvalidToken::Malformed)?;
    if header.alg != ALGORITHM || header.typ.as_deref() != Some(TYPE) {
        return Err(InvalidToken::Signature);
    }
    let id = header.kid.ok_or(InvalidToken::Malformed)?;
    let id = id.parse().map_err(|_| InvalidToken::Malformed)?;
    ring.find(id).ok_or(InvalidToken::Signature)
}

fn rules() -> Validation {
    let mut rules = Validation::new(ALGORITHM);
    rules.set_required_spec_claims(&["sub", "iss", "aud", "nbf", "exp"]);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.validate_nbf = true;
    rules.leeway = LEEWAY_SECONDS.into();
    rules
}

fn refusal(kind: &ErrorKind) -> InvalidToken {
    match kind {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => InvalidToken::Signature,
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => InvalidToken::Audience,
        ErrorKind::ExpiredSignature => InvalidToken::Expired,
        ErrorKind::ImmatureSignature => InvalidToken::Future,
        _ => InvalidToken::Malformed,
    }
}

fn issued(claims: &Claims) -> Result<IssuedToken, InvalidToken> {
    // RFC 7519 gives a reader no rule for `iat`; a token made in the future is none of ours.
    if claims.iat > Timestamp::now().as_second() + i64::from(LEEWAY_SECONDS) {
        return Err(InvalidToken::Future);
    }
    let time = |seconds| Timestamp::from_second(seconds).map_err(|_| InvalidToken::Malformed);
    Ok(IssuedToken {
        id: claims.jti.parse().map_err(|_| InvalidToken::Malformed)?,
        user: claims.sub.parse().map_err(|_| InvalidToken::Malformed)?,
        issued: time(claims.iat)?,
        expires: time(claims.exp)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use aws_lc_rs::hmac;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;
    use crate::ids::{TokenId, UserId};
    use crate::keys::{Keys, Purpose};

    const HOUR: i64 = 3600;

    fn issued(from: i64, until: i64) -> IssuedToken {
        let now = Timestamp::now().as_second();
        IssuedToken {
            id: TokenId::new(),
            user: UserId::new(),
            issued: Timestamp::from_second(now + from).unwrap(),
            expires: Timestamp::from_second(now + until).unwrap(),
        }
    }

    fn signed(ring: &KeyRing, header: serde_json::Value, claims: serde_json::Value) -> Token {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let body = format!("{}.{}", part(header), part(claims));
        let secret = ring.current().derive(DERIVATION);
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref()),
            body.as_bytes(),
        );
        Token::new(&format!("{body}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref())))
    }

    fn claims() -> serde_json::Value {
        let now = Timestamp::now().as_second();
        json!({
            "sub": UserId::new().to_string(), "jti": TokenId::new().to_string(), "iss": ISSUER, "aud": AUDIENCE,
            "iat": now, "nbf": now, "exp": now + HOUR,
        })
    }

    fn header(ring: &KeyRing) -> serde_json::Value {
        json!({"typ": "JWT", "alg": "HS256", "kid": ring.current().id().to_string()})
    }

    #[test]
    fn what_is_signed_is_read_back() {
        let keys = Keys::random().unwrap();
        let ring = keys.ring(Purpose::Token);
        let token = issued(0, HOUR);
        assert_eq!(read(ring, &sign(ring, &token).unwrap()), Ok(token));
        assert!(read(ring, &signed(ring, header(ring), claims())).is_ok());
    }

    #[test]
    fn another_time_is_refused() {
        let keys = Keys::random().unwrap();
        let ring = keys.ring(Purpose::Token);
        let read = |token| read(ring, &sign(ring, &token).unwrap());
        assert_eq!(read(issued(-2 * HOUR, -HOUR)), Err(InvalidToken::Expired));
        assert_eq!(read(issued(HOUR, 2 * HOUR)), Err(InvalidToken::Future));
    }

    #[test]
    fn another_key_is_refused() {
        let (keys, other) = (Keys::random().unwrap(), Keys::random().unwrap());
        let (ring, other) = (keys.ring(Purpose::Token), other.ring(Purpose::Token));
        let token = sign(other, &issued(0, HOUR)).unwrap();
        assert_eq!(read(ring, &token), Err(InvalidToken::Signature));
        // With the name of our key, so that only the signature tells.
        let forged = signed(other, header(ring), claims());
        assert_eq!(read(ring, &forged), Err(InvalidToken::Signature));
    }

    #[test]
    fn another_algorithm_is_refused_also_with_our_key() {
        let keys = Keys::random().unwrap();
        let ring = keys.ring(Purpose::Token);
        for algorithm in [
            "none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "",
        ] {
            let mut header = header(ring);
            header["alg"] = json!(algorithm);
            let token = signed(ring, header, claims());
            assert!(read(ring, &token).is_err(), "{algorithm}");
            let unsigned = token.expose().rsplit_once('.').unwrap().0.to_owned();
            for end in ["", "."] {
                let token = Token::new(&format!("{unsigned}{end}"));
                assert!(read(ring, &token).is_err(), "{algorithm}");
            }
        }
    }

    #[test]
    fn every_claim_is_needed_and_must_fit() {
        let keys = Keys::random().unwrap();
        let ring = keys.ring(Purpose::Token);
        for claim in ["sub", "iss", "aud", "iat", "nbf", "exp", "jti"] {
            let mut without = claims();
            without.as_object_mut().unwrap().remove(claim);
            assert!(
                read(ring, &signed(ring, header(ring), without)).is_err(),
                "{claim}"
            );
            let mut wrong = claims();
            wrong[claim] = json!("elsewhere");
            assert!(
                read(ring, &signed(ring, header(ring), wrong)).is_err(),
                "{claim}"
            );
        }
        let mut wrong = claims();
        wrong["aud"] = json!("elsewhere");
        let token = signed(ring, header(ring), wrong);
        assert_eq!(read(ring, &token), Err(InvalidToken::Audience));
        let mut anonymous = header(ring);
        anonymous.as_object_mut().unwrap().remove("kid");
        assert!(read(ring, &signed(ring, anonymous, claims())).is_err());
    }

    #[test]
    fn a_token_that_was_cut_or_changed_anywhere_is_refused() {
        let keys = Keys::random().unwrap();
        let ring = keys.ring(Purpose::Token);
        let token = sign(ring, &issued(0, HOUR)).unwrap();
        let text = token.expose();
        for end in 0..text.len() {
            assert!(read(ring, &Token::new(&text[..end])).is_err(), "{end}");
        }
        for at in 0..text.len() - 1 {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(read(ring, &Token::new(&changed)).is_err(), "{at}");
        }
        let long = Token::new(&format!("{text}{}", "A".repeat(MAX_BYTES)));
        assert_eq!(read(ring, &long), Err(InvalidToken::Malformed));
    }
}
