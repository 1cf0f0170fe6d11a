-- Removes everything that is stored.
DROP TABLE title_search;
DROP TABLE message_search;
DROP TABLE plugin_values;
DROP TABLE calls;
DROP TABLE messages;
DROP TABLE turns;
UPDATE users SET current_conversation = NULL;
DROP TABLE conversations;
DROP TABLE users;
