-- Messages enter the word search when somebody searches: it was a tenth of what a turn cost. Those that are not in it yet:
CREATE TABLE unindexed (
    number INTEGER PRIMARY KEY
) STRICT;

DROP TRIGGER messages_inserted;
DROP TRIGGER messages_deleted;
DROP TRIGGER messages_updated;
CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
    INSERT INTO unindexed (number) VALUES (new.number);
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, content) SELECT 'delete', old.number, old.content
        WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE number = old.number);
    DELETE FROM unindexed WHERE number = old.number;
END;
CREATE TRIGGER messages_updated AFTER UPDATE OF content ON messages
WHEN NOT EXISTS (SELECT 1 FROM unindexed WHERE number = old.number) BEGIN
    INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.number, old.content);
    INSERT INTO unindexed (number) VALUES (new.number);
END;
