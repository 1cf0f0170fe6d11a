-- The audit trail: rows that are only appended, each tied to the one before. Times are microseconds since
-- 1970-01-01 UTC. Users and turns are named, not referred to: the trail outlives them.

CREATE TABLE audit (
    sequence BIGINT NOT NULL PRIMARY KEY,
    at       BIGINT NOT NULL,
    event    TEXT   NOT NULL,
    user_id  TEXT,
    turn_id  TEXT,
    body     TEXT   NOT NULL,
    key_id   TEXT   NOT NULL,
    link     BYTEA  NOT NULL CHECK (length(link) = 32),
    tag      BYTEA  NOT NULL CHECK (length(tag) = 32)
);

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_event ON audit (event, sequence);
CREATE INDEX audit_by_user ON audit (user_id, sequence) WHERE user_id IS NOT NULL;
-- A turn begins once and ends once.
CREATE UNIQUE INDEX audit_of_turn ON audit (turn_id, event) WHERE event IN ('turn-begun', 'turn-ended');

-- Where the trail ends. Before the first row the link is random: it names the trail.
CREATE TABLE audit_head (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    trail    BYTEA   NOT NULL CHECK (length(trail) = 32),
    sequence BIGINT  NOT NULL,
    link     BYTEA   NOT NULL CHECK (length(link) = 32)
);

INSERT INTO audit_head (one, trail, sequence, link)
    SELECT 1, random.link, 0, random.link
    FROM (SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')) AS link OFFSET 0) random;

-- Signed words of where the trail ended.
CREATE TABLE audit_checkpoints (
    sequence  BIGINT NOT NULL PRIMARY KEY,
    link      BYTEA  NOT NULL CHECK (length(link) = 32),
    at        BIGINT NOT NULL,
    signer    BYTEA  NOT NULL CHECK (length(signer) = 32),
    signature BYTEA  NOT NULL CHECK (length(signature) = 64)
);

CREATE FUNCTION audit_refuse() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit trail is neither changed nor removed';
    END
    $$;
CREATE FUNCTION audit_refuse_jump() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.sequence <> OLD.sequence + 1 OR NEW.trail <> OLD.trail THEN
            RAISE EXCEPTION 'the end of the audit trail moves one row at a time';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse_jump();
CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoints_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
