-- What was not used for long is found without reading everything.
CREATE INDEX conversations_by_age ON conversations (updated_at);
