-- Times are milliseconds since 1970-01-01 UTC. Ids are UUIDs of version 7 as text.

CREATE TABLE users (
    id                   TEXT    NOT NULL PRIMARY KEY,
    kind                 TEXT    NOT NULL CHECK (kind IN ('owner', 'session', 'account')),
    name                 TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    email                TEXT,
    access               TEXT    NOT NULL DEFAULT 'user' CHECK (access IN ('user', 'admin')),
    active               INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at           INTEGER NOT NULL,
    current_conversation TEXT    REFERENCES conversations (id) ON DELETE SET NULL
) STRICT;

-- At most one user who is no account.
CREATE UNIQUE INDEX users_local ON users ((1)) WHERE kind <> 'account';
CREATE INDEX users_current ON users (current_conversation);

CREATE TABLE conversations (
    -- Ties of updated_at are broken by it, and the search index points to it.
    number        INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    user_id       TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title         TEXT    NOT NULL DEFAULT '',
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    -- The highest sequence ever given out; never lowered, so a sequence names one message for ever.
    last_sequence INTEGER NOT NULL DEFAULT 0,
    messages      INTEGER NOT NULL DEFAULT 0,
    -- Counted tokens, and the bytes of messages that nobody counted.
    tokens        INTEGER NOT NULL DEFAULT 0,
    uncounted     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX conversations_by_use ON conversations (user_id, updated_at DESC, number DESC);

-- What a turn was and cost. A row outlives an undo, so that storing the turn again changes nothing.
CREATE TABLE turns (
    id                TEXT    NOT NULL PRIMARY KEY,
    conversation_id   TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    sequence          INTEGER NOT NULL,
    model             TEXT    NOT NULL,
    finish            TEXT    NOT NULL
                      CHECK (finish IN ('stop', 'length', 'filter', 'cut', 'cancelled', 'broken')),
    cached            INTEGER NOT NULL CHECK (cached IN (0, 1)),
    prompt_tokens     INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    usage_exact       INTEGER NOT NULL CHECK (usage_exact IN (0, 1)),
    begun_at          INTEGER NOT NULL,
    stored_at         INTEGER NOT NULL
) STRICT;

CREATE INDEX turns_by_conversation ON turns (conversation_id, sequence);

CREATE TABLE messages (
    number          INTEGER PRIMARY KEY,
    conversation_id TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    sequence        INTEGER NOT NULL,
    -- Sequence of the prompt that began the turn.
    turn            INTEGER NOT NULL,
    author          TEXT    NOT NULL CHECK (author IN ('user', 'assistant')),
    content         TEXT    NOT NULL,
    bytes           INTEGER NOT NULL,
    -- Counted in that encoding; both or none.
    tokens          INTEGER,
    encoding        TEXT,
    partial         INTEGER NOT NULL CHECK (partial IN (0, 1)),
    judged_by       TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    UNIQUE (conversation_id, sequence)
) STRICT;

-- The window of model calls.
CREATE TABLE calls (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL
) STRICT;

CREATE INDEX calls_by_time ON calls (user_id, at);

CREATE TABLE plugin_values (
    plugin  TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key     TEXT NOT NULL,
    value   BLOB NOT NULL,
    PRIMARY KEY (plugin, user_id, key)
) STRICT;

CREATE INDEX plugin_values_by_user ON plugin_values (user_id);

-- Word search. Both indexes hold no text of their own, and really remove what is removed.
CREATE VIRTUAL TABLE message_search USING fts5 (
    content, content = 'messages', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, content) VALUES (new.number, new.content);
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.number, old.content);
END;
CREATE TRIGGER messages_updated AFTER UPDATE OF content ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.number, old.content);
    INSERT INTO message_search (rowid, content) VALUES (new.number, new.content);
END;

CREATE VIRTUAL TABLE title_search USING fts5 (
    title, content = 'conversations', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO title_search (title_search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER conversations_inserted AFTER INSERT ON conversations BEGIN
    INSERT INTO title_search (rowid, title) VALUES (new.number, new.title);
END;
CREATE TRIGGER conversations_deleted AFTER DELETE ON conversations BEGIN
    INSERT INTO title_search (title_search, rowid, title) VALUES ('delete', old.number, old.title);
END;
CREATE TRIGGER conversations_updated AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO title_search (title_search, rowid, title) VALUES ('delete', old.number, old.title);
    INSERT INTO title_search (rowid, title) VALUES (new.number, new.title);
END;
