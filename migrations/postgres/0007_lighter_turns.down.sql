ALTER TABLE audit_head
    ADD CONSTRAINT audit_head_one_check CHECK (one = 1),
    ADD CONSTRAINT audit_head_trail_check CHECK (length(trail) = 32),
    ADD CONSTRAINT audit_head_link_check CHECK (length(link) = 32);
DROP TRIGGER audit_head_stays ON audit_head;
CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE OR REPLACE FUNCTION audit_refuse_jump() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.sequence <> OLD.sequence + 1 OR NEW.trail <> OLD.trail THEN
            RAISE EXCEPTION 'the end of the audit trail moves one row at a time';
        END IF;
        RETURN NEW;
    END
    $$;
DROP INDEX messages_words;
DROP INDEX conversations_words;
CREATE INDEX messages_words ON messages USING gin (words);
CREATE INDEX conversations_words ON conversations USING gin (words);
