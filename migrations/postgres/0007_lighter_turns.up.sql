-- What each turn paid for without need.

-- A message that has no words yet and a conversation without a title stay out of the search index.
DROP INDEX messages_words;
DROP INDEX conversations_words;
CREATE INDEX messages_words ON messages USING gin (words) WHERE words IS NOT NULL;
CREATE INDEX conversations_words ON conversations USING gin (words) WHERE words <> '';

-- The server reads every check of a table anew for each statement. The trigger that looks at each new end keeps them all:
-- there is one row from the beginning, and none is added.
CREATE OR REPLACE FUNCTION audit_refuse_jump() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.sequence <> OLD.sequence + 1 OR NEW.trail <> OLD.trail OR NEW.one <> OLD.one OR length(NEW.link) <> 32 THEN
            RAISE EXCEPTION 'the end of the audit trail moves one row at a time';
        END IF;
        RETURN NEW;
    END
    $$;
DROP TRIGGER audit_head_stays ON audit_head;
CREATE TRIGGER audit_head_stays BEFORE INSERT OR DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_head
    DROP CONSTRAINT audit_head_one_check,
    DROP CONSTRAINT audit_head_trail_check,
    DROP CONSTRAINT audit_head_link_check;
