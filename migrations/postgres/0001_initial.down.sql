-- Removes everything that is stored.
DROP TABLE plugin_values;
DROP FUNCTION take_call;
DROP FUNCTION call_window;
DROP TABLE calls;
DROP TABLE messages;
DROP TABLE turns;
ALTER TABLE users DROP COLUMN current_conversation;
DROP TABLE conversations;
DROP FUNCTION search_query;
DROP FUNCTION search_words;
DROP TABLE users;
