-- The audit trail: rows that are only appended, each tied to the one before. Times are microseconds since
-- 1970-01-01 UTC. Users and turns are named, not referred to: the trail outlives them.

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    event    TEXT    NOT NULL,
    user_id  TEXT,
    turn_id  TEXT,
    body     TEXT    NOT NULL,
    key_id   TEXT    NOT NULL,
    link     BLOB    NOT NULL CHECK (length(link) = 32),
    tag      BLOB    NOT NULL CHECK (length(tag) = 32)
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_event ON audit (event);
CREATE INDEX audit_by_user ON audit (user_id) WHERE user_id IS NOT NULL;
-- A turn begins once and ends once.
CREATE UNIQUE INDEX audit_of_turn ON audit (turn_id, event) WHERE event IN ('turn-begun', 'turn-ended');

-- Where the trail ends. Before the first row the link is random: it names the trail.
CREATE TABLE audit_head (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    trail    BLOB    NOT NULL CHECK (length(trail) = 32),
    sequence INTEGER NOT NULL,
    link     BLOB    NOT NULL CHECK (length(link) = 32)
) STRICT;

INSERT INTO audit_head (one, trail, sequence, link) VALUES (1, randomblob(32), 0, zeroblob(32));
UPDATE audit_head SET link = trail;

-- Signed words of where the trail ended.
CREATE TABLE audit_checkpoints (
    sequence  INTEGER PRIMARY KEY,
    link      BLOB    NOT NULL CHECK (length(link) = 32),
    at        INTEGER NOT NULL,
    signer    BLOB    NOT NULL CHECK (length(signer) = 32),
    signature BLOB    NOT NULL CHECK (length(signature) = 64)
) STRICT;

CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN new.sequence <> (SELECT sequence + 1 FROM audit_head) BEGIN
    SELECT RAISE(ABORT, 'the audit trail is appended to at its end');
END;
CREATE TRIGGER audit_appended AFTER INSERT ON audit BEGIN
    UPDATE audit_head SET sequence = new.sequence, link = new.link;
END;
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit trail is not changed');
END;
CREATE TRIGGER audit_not_removed BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit trail is not removed');
END;
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
WHEN new.sequence <> old.sequence + 1 OR new.trail <> old.trail BEGIN
    SELECT RAISE(ABORT, 'the end of the audit trail moves one row at a time');
END;
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head BEGIN
    SELECT RAISE(ABORT, 'the audit trail is not removed');
END;
CREATE TRIGGER audit_checkpoints_not_changed BEFORE UPDATE ON audit_checkpoints BEGIN
    SELECT RAISE(ABORT, 'the audit trail is not changed');
END;
CREATE TRIGGER audit_checkpoints_not_removed BEFORE DELETE ON audit_checkpoints BEGIN
    SELECT RAISE(ABORT, 'the audit trail is not removed');
END;
