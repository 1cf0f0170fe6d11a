-- Messages enter the word search when somebody searches: that was half of what it cost to store a turn. Until then they
-- have no words. Those whose words are empty are looked at again: an older version may have stored them.
ALTER TABLE messages ALTER COLUMN words DROP NOT NULL;
UPDATE messages SET words = NULL WHERE words = '';
CREATE INDEX messages_unindexed ON messages (conversation_id) WHERE words IS NULL;
