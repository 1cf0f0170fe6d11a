//! The address of a database, checked before anything connects.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

/// What an address may set after `?`. The driver would log any other with its value, which may be a password.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
const ENCODE: &str =
    "write : / ? # @ and % inside user and password as %3A %2F %3F %23 %40 and %25";

/// `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`. Shown without its secrets.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(super) options: Arc<PgConnectOptions>,
    place: String,
    has_password: bool,
}

/// Says what is wrong with an address without repeating it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPostgresUrl(String);

impl PostgresUrl {
    /// Reads an address. What it leaves out comes from `PGHOST`, `PGUSER` and the like, and from `~/.pgpass`.
    ///
    /// # Errors
    /// For another scheme, an unknown parameter, or characters in a password that have to be encoded. The
    /// message never holds a part of the address that could be secret.
    pub fn parse(text: &str) -> Result<Self, InvalidPostgresUrl> {
        let invalid = |reason: &str| InvalidPostgresUrl(reason.to_owned());
        let url = Url::parse(text).map_err(|error| invalid(&format!("{error}; {ENCODE}")))?;
        if !matches!(url.scheme(), "postgresql" | "postgres") {
            return Err(invalid("write postgresql://… or postgres://…"));
        }
        // What comes after an unencoded / or # of a password.
        if url.path().contains('@')
            || url.fragment().is_some()
            || url.path().matches('/').count() > 1
        {
            return Err(invalid(&format!(
                "it is not an address of a database; {ENCODE}"
            )));
        }
        let mut unknown = url
            .query_pairs()
            .filter(|(key, _)| !PARAMETERS.contains(&key.as_ref()) && !key.starts_with("options["));
        if unknown.next().is_some() {
            return Err(invalid(&format!(
                "after its ? stands a parameter that is not known; {ENCODE}"
            )));
        }
        let options = PgConnectOptions::from_str(text).map_err(|_| {
            invalid(&format!(
                "a parameter after its ? has no meaning: sslmode is one of disable, prefer, require, verify-ca and \
                 verify-full, port a number; {ENCODE}"
            ))
        })?;
        let options = if options.get_application_name().is_some() {
            options
        } else {
            options.application_name("mini-llm-chat")
        };
        let place = place(&options);
        let has_password =
            url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password");
        Ok(Self {
            options: Arc::new(options),
            place,
            has_password,
        })
    }

    /// Leaves out a password of the environment or of `~/.pgpass` where the address has none of its own: an
    /// address that somebody else wrote must not fetch it.
    #[must_use]
    pub fn without_found_password(mut self) -> Self {
        if !self.has_password {
            let options = Arc::unwrap_or_clone(self.options);
            self.options = Arc::new(options.password(""));
        }
        self
    }

    /// `HOST:PORT/DATABASE`, for messages.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether it is reached through the network, and not through a socket in the file system.
    pub(super) fn is_on_the_network(&self) -> bool {
        self.options.get_socket().is_none() && !self.options.get_host().starts_with('/')
    }

    /// Whether others between here and the server could read or change what passes: it is on another machine,
    /// and its certificate is not checked.
    #[must_use]
    pub fn is_open_to_others(&self) -> bool {
        let host = self.options.get_host();
        let local = !self.is_on_the_network()
            || host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse()
                .is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        let checked = matches!(
            self.options.get_ssl_mode(),
            PgSslMode::VerifyCa | PgSslMode::VerifyFull
        );
        !local && !checked
    }
}

fn place(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or(options.get_username());
    match options.get_socket() {
        Some(socket) => format!("{}/{database}", socket.display()),
        None => format!("{}:{}/{database}", options.get_host(), options.get_port()),
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresUrl").field(&self.place).finish()
    }
}

/// Two addresses are the same when they name the same database.
impl PartialEq for PostgresUrl {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for PostgresUrl {}

#[cfg(test)]
mod tests {
    use super::PostgresUrl;

    const SECRET: &str = "planted";

    fn refused(text: &str) -> String {
        PostgresUrl::parse(text).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn an_encoded_password_may_hold_anything_and_is_never_shown() {
        let url = PostgresUrl::parse("postgres://ann:planted%40%2F@db.example:5433/chat");
        let shown = format!("{url:?}");
        assert_eq!(shown, r#"Ok(PostgresUrl("db.example:5433/chat"))"#);
        assert!(!shown.contains(SECRET));
    }

    #[test]
    fn what_has_to_be_encoded_is_named_and_the_address_is_not_repeated() {
        for text in [
            "postgresql://ann:planted/x@db.example/chat",
            "postgresql://ann:planted/@db.example/chat",
            "postgresql://ann:planted#x@db.example/chat",
            "postgresql://ann:planted?x@db.example/chat",
            "postgresql://ann:12/planted@db.example/chat",
            "postgresql://db.example/chat?sslmode=planted",
            "postgresql://db.example/chat?pasword=planted",
            "postgresql://db.example/chat?port=planted",
        ] {
            let error = refused(text);
            assert!(error.contains("%40"), "{text}: {error}");
            assert!(!error.contains(SECRET), "{text}: {error}");
        }
    }

    #[test]
    fn another_scheme_is_refused() {
        assert_eq!(
            refused("mysql://ann:planted@db.example/chat"),
            "write postgresql://… or postgres://…"
        );
    }

    #[test]
    fn only_a_checked_certificate_protects_on_the_way_to_another_machine() {
        let open = |text: &str| PostgresUrl::parse(text).is_ok_and(|url| url.is_open_to_others());
        assert!(open("postgresql://db.example/chat"));
        assert!(open("postgresql://db.example/chat?sslmode=require"));
        assert!(!open("postgresql://db.example/chat?sslmode=verify-full"));
        for local in ["localhost", "127.0.0.1", "[::1]", "%2Fvar%2Frun"] {
            assert!(!open(&format!("postgresql://{local}/chat")), "{local}");
        }
    }
}
