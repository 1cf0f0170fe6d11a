-- Times are milliseconds since 1970-01-01 UTC. Ids are UUIDs of version 7.

CREATE TABLE users (
    id                   UUID    NOT NULL PRIMARY KEY,
    -- Stands before each word in the search index, so that a search reads no words of others.
    number               BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
    name                 TEXT    NOT NULL,
    email                TEXT,
    access               TEXT    NOT NULL DEFAULT 'user' CHECK (access IN ('user', 'admin')),
    active               BOOLEAN NOT NULL DEFAULT TRUE,
    created_at           BIGINT  NOT NULL,
    current_conversation UUID
);

-- Unique without regard to ASCII case.
CREATE UNIQUE INDEX users_name ON users (lower(name COLLATE "C"));
CREATE INDEX users_current ON users (current_conversation);

-- Words as the search index holds them, each as `number/word`, and a query for all of some beginnings of words. Words
-- are letters and digits only, so nothing in them is an operator.
CREATE FUNCTION search_words(owner BIGINT, words TEXT[]) RETURNS TSVECTOR
    LANGUAGE sql IMMUTABLE AS $$
        SELECT array_to_tsvector(ARRAY(SELECT owner || '/' || word FROM unnest(words) AS word))
    $$;
CREATE FUNCTION search_query(owner BIGINT, words TEXT[]) RETURNS TSQUERY
    LANGUAGE sql IMMUTABLE AS $$
        SELECT string_agg('''' || owner || '/' || word || ''':*', ' & ')::tsquery FROM unnest(words) AS word
    $$;

CREATE TABLE conversations (
    id            UUID     NOT NULL PRIMARY KEY,
    -- Ties of updated_at are broken by it.
    number        BIGINT   NOT NULL GENERATED ALWAYS AS IDENTITY,
    user_id       UUID     NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title         TEXT     NOT NULL DEFAULT '',
    -- The title's words for the search.
    words         TSVECTOR NOT NULL DEFAULT '',
    created_at    BIGINT   NOT NULL,
    updated_at    BIGINT   NOT NULL,
    -- The highest sequence ever given out; never lowered, so a sequence names one message for ever.
    last_sequence BIGINT   NOT NULL DEFAULT 0,
    messages      BIGINT   NOT NULL DEFAULT 0,
    -- Counted tokens, and the bytes of messages that nobody counted.
    tokens        BIGINT   NOT NULL DEFAULT 0,
    uncounted     BIGINT   NOT NULL DEFAULT 0
);

ALTER TABLE users ADD FOREIGN KEY (current_conversation) REFERENCES conversations (id) ON DELETE SET NULL;
CREATE INDEX conversations_by_use ON conversations (user_id, updated_at DESC, number DESC);
CREATE INDEX conversations_words ON conversations USING gin (words);

-- What a turn was and cost. A row outlives an undo, so that storing the turn again changes nothing.
CREATE TABLE turns (
    id                UUID    NOT NULL PRIMARY KEY,
    conversation_id   UUID    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    sequence          BIGINT  NOT NULL,
    model             TEXT    NOT NULL,
    finish            TEXT    NOT NULL
                      CHECK (finish IN ('stop', 'length', 'filter', 'cut', 'cancelled', 'broken')),
    cached            BOOLEAN NOT NULL,
    prompt_tokens     BIGINT  NOT NULL,
    completion_tokens BIGINT  NOT NULL,
    usage_exact       BOOLEAN NOT NULL,
    begun_at          BIGINT  NOT NULL,
    stored_at         BIGINT  NOT NULL
);

CREATE INDEX turns_by_conversation ON turns (conversation_id, sequence);

CREATE TABLE messages (
    conversation_id UUID     NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    sequence        BIGINT   NOT NULL,
    -- Sequence of the prompt that began the turn.
    turn            BIGINT   NOT NULL,
    author          TEXT     NOT NULL CHECK (author IN ('user', 'assistant')),
    content         TEXT     NOT NULL,
    bytes           BIGINT   NOT NULL,
    -- Counted in that encoding; both or none.
    tokens          BIGINT,
    encoding        TEXT,
    partial         BOOLEAN  NOT NULL,
    judged_by       TEXT     NOT NULL,
    created_at      BIGINT   NOT NULL,
    -- The content's words for the search.
    words           TSVECTOR NOT NULL,
    PRIMARY KEY (conversation_id, sequence)
);

CREATE INDEX messages_words ON messages USING gin (words);

-- The window of model calls.
CREATE TABLE calls (
    number  BIGINT NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id UUID   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at      BIGINT NOT NULL
);

CREATE INDEX calls_by_time ON calls (user_id, at);

-- What the window holds: calls after `since`, of which `most` are allowed. More may be in the log than the window
-- allows when its size was lowered since: then `frees` is the call after which there is one more than now.
CREATE FUNCTION call_window(caller UUID, moment BIGINT, since BIGINT, most BIGINT, OUT used BIGINT, OUT frees BIGINT)
    LANGUAGE sql STABLE AS $$
        SELECT (SELECT count(*) FROM calls c WHERE c.user_id = caller AND c.at > since),
               (SELECT least(c.at, moment) FROM calls c WHERE c.user_id = caller AND c.at > since ORDER BY c.at LIMIT 1
                OFFSET greatest(0, (SELECT count(*) FROM calls k WHERE k.user_id = caller AND k.at > since) - most))
    $$;

-- Uses one call if the window has one left. A function, so that many processes take exactly the limit in one round
-- trip: each of its statements sees what was committed before it, and the caller's row lets one in at a time. A call
-- in the future was made before somebody set the clock back: it counts as made now. No window counts what is older
-- than `expired`.
CREATE FUNCTION take_call(caller UUID, moment BIGINT, since BIGINT, most BIGINT, expired BIGINT,
                          OUT call BIGINT, OUT used BIGINT, OUT frees BIGINT)
    LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM users u WHERE u.id = caller FOR NO KEY UPDATE;
        UPDATE calls c SET at = moment WHERE c.user_id = caller AND c.at > moment;
        DELETE FROM calls c WHERE c.user_id = caller AND c.at <= expired;
        INSERT INTO calls (user_id, at) SELECT caller, moment
            WHERE (SELECT count(*) FROM calls c WHERE c.user_id = caller AND c.at > since) < most
            RETURNING number INTO call;
        SELECT w.used, w.frees INTO used, frees FROM call_window(caller, moment, since, most) w;
    END
    $$;

CREATE TABLE plugin_values (
    user_id UUID  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    plugin  TEXT  NOT NULL,
    -- Sorted by bytes.
    key     TEXT  COLLATE "C" NOT NULL,
    value   BYTEA NOT NULL,
    PRIMARY KEY (user_id, plugin, key)
);
