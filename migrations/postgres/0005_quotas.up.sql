-- What a call may use while it runs, and used when it is over.
ALTER TABLE calls ADD COLUMN tokens BIGINT NOT NULL DEFAULT 0;
