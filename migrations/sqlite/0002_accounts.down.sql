DROP TABLE known_keys;
DROP TABLE issued_tokens;
DROP TABLE login_failures;
DROP INDEX users_admins;
DROP INDEX users_look;
ALTER TABLE users DROP COLUMN last_login_at;
ALTER TABLE users DROP COLUMN password;
ALTER TABLE users DROP COLUMN look;
