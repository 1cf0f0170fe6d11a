-- What a login needs. `look` is the name as look-alikes of it share it.
ALTER TABLE users
    ADD COLUMN look          TEXT COLLATE "C",
    ADD COLUMN password      TEXT,
    ADD COLUMN last_login_at BIGINT;

CREATE UNIQUE INDEX users_look ON users (look) WHERE look IS NOT NULL;
CREATE INDEX users_by_name ON users (name COLLATE "C");
CREATE INDEX users_admins ON users (id) WHERE access = 'admin' AND active;

-- Failed logins in a row, by a keyed digest of the name that was typed: a name that is no account counts the same.
CREATE TABLE login_failures (
    name_digest TEXT   NOT NULL PRIMARY KEY,
    failures    BIGINT NOT NULL,
    last_at     BIGINT NOT NULL
);

CREATE INDEX login_failures_by_time ON login_failures (last_at);

-- Every token that was given out and has not expired. One that is not here is not good.
CREATE TABLE issued_tokens (
    id         UUID   NOT NULL PRIMARY KEY,
    user_id    UUID   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE INDEX issued_tokens_by_user ON issued_tokens (user_id, expires_at);

-- Ids of the keys that may be used with this database.
CREATE TABLE known_keys (
    purpose     TEXT   NOT NULL CHECK (purpose IN ('token', 'audit', 'cache')),
    id          TEXT   NOT NULL COLLATE "C",
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (purpose, id)
);
