-- What a login needs. Only accounts have a password; `look` is the name as look-alikes of it share it.
ALTER TABLE users ADD COLUMN look TEXT;
ALTER TABLE users ADD COLUMN password TEXT;
ALTER TABLE users ADD COLUMN last_login_at INTEGER;

CREATE UNIQUE INDEX users_look ON users (look) WHERE look IS NOT NULL;
CREATE INDEX users_admins ON users (id) WHERE kind = 'account' AND access = 'admin' AND active = 1;

-- Failed logins in a row, by a keyed digest of the name that was typed: a name that is no account counts the same.
CREATE TABLE login_failures (
    name_digest TEXT    NOT NULL PRIMARY KEY,
    failures    INTEGER NOT NULL,
    last_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX login_failures_by_time ON login_failures (last_at);

-- Every token that was given out and has not expired. One that is not here is not good.
CREATE TABLE issued_tokens (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE INDEX issued_tokens_by_user ON issued_tokens (user_id, expires_at);

-- Ids of the keys that may be used with this database.
CREATE TABLE known_keys (
    purpose     TEXT    NOT NULL CHECK (purpose IN ('token', 'audit', 'cache')),
    id          TEXT    NOT NULL,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (purpose, id)
) STRICT;
