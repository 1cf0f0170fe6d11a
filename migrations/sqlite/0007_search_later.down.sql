INSERT INTO message_search (rowid, content)
    SELECT number, content FROM messages WHERE number IN (SELECT number FROM unindexed);
DROP TRIGGER messages_inserted;
DROP TRIGGER messages_deleted;
DROP TRIGGER messages_updated;
DROP TABLE unindexed;
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
