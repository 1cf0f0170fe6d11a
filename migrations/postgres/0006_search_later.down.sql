DROP INDEX messages_unindexed;
-- Words are made by the program, so these are not found until this migration is applied again.
UPDATE messages SET words = '' WHERE words IS NULL;
ALTER TABLE messages ALTER COLUMN words SET NOT NULL;
