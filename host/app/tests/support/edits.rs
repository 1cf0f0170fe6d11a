//! What somebody may edit by hand, and what comes of it.

/// What comes of something that is tried after an edit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    Done,
    /// One line with these words, and this code.
    Refused(i32, &'static str),
}

use Expect::{Done, Refused};

const REVOKED: Expect = Refused(77, "it was revoked; log in with");
const WRONG: Expect = Refused(77, "the user name or the password is wrong");

/// That row is named by its column, with what can be done about it.
const fn damaged(column: &'static str) -> Expect {
    Refused(78, column)
}

/// Of what anna said. `{}` stands for the conversation that she is in.
pub(crate) const CONVERSATIONS: &[(&str, Expect)] = &[
    (
        "UPDATE messages SET author = 'system' WHERE content = 'three'",
        damaged("the column author"),
    ),
    (
        "UPDATE messages SET content = 'x\u{1b}[2J\u{202e}' WHERE content = 'three'",
        Done,
    ),
    (
        "UPDATE messages SET tokens = -9223372036854775807 WHERE content = 'three'",
        damaged("the column tokens"),
    ),
    (
        "UPDATE messages SET bytes = -1 WHERE content = 'three'",
        damaged("the column bytes"),
    ),
    (
        "UPDATE messages SET encoding = 'x\u{1b}' WHERE content = 'three'",
        Done,
    ),
    (
        "UPDATE messages SET bytes = 9223372036854775807, tokens = NULL WHERE content = 'three'",
        Done,
    ),
    (
        "UPDATE messages SET judged_by = '' WHERE content = 'three'",
        Done,
    ),
    (
        "UPDATE messages SET sequence = 9223372036854775807 WHERE content = 'three'",
        Done,
    ),
    (
        "UPDATE messages SET sequence = -sequence WHERE content = 'three'",
        damaged("the column sequence"),
    ),
    (
        "UPDATE messages SET turn = -turn WHERE content = 'three'",
        damaged("the column turn"),
    ),
    (
        "UPDATE messages SET created_at = 9223372036854775807 WHERE content = 'three'",
        damaged("the column created_at"),
    ),
    ("DELETE FROM messages WHERE content = 'three'", Done),
    ("DELETE FROM turns", Done),
    (
        "UPDATE turns SET prompt_tokens = -9223372036854775807, model = 'x\u{1b}[2J', finish = 'x'",
        Done,
    ),
    ("UPDATE turns SET sequence = 9223372036854775807", Done),
    (
        "UPDATE conversations SET tokens = 9223372036854775807 WHERE id = {}",
        Done,
    ),
    (
        "UPDATE conversations SET uncounted = -9223372036854775807 WHERE id = {}",
        Done,
    ),
    (
        "UPDATE conversations SET last_sequence = 0 WHERE id = {}",
        Done,
    ),
    (
        "UPDATE conversations SET title = 'x\u{1b}[2J\u{202e}'",
        Done,
    ),
    (
        "UPDATE conversations SET messages = -1 WHERE id = {}",
        damaged("the column messages"),
    ),
    (
        "UPDATE conversations SET tokens = -1 WHERE id = {}",
        damaged("the column tokens"),
    ),
    (
        "UPDATE conversations SET last_sequence = -7 WHERE id = {}",
        damaged("the column last_sequence"),
    ),
    (
        "UPDATE conversations SET last_sequence = 9223372036854775807 WHERE id = {}",
        damaged("the column last_sequence"),
    ),
    (
        "UPDATE conversations SET created_at = -9223372036854775807 WHERE id = {}",
        damaged("the column created_at"),
    ),
    (
        "UPDATE conversations SET updated_at = 9223372036854775807 WHERE id = {}",
        damaged("the column updated_at"),
    ),
    (
        "UPDATE users SET current_conversation = NULL WHERE name = 'anna'",
        Done,
    ),
    (
        "UPDATE users SET current_conversation = (SELECT conversation_id FROM messages WHERE content = 'by root') \
         WHERE name = 'anna'",
        Done,
    ),
    // A conversation that is not there.
    (
        "UPDATE users SET current_conversation = id WHERE name = 'anna'",
        Done,
    ),
    (
        "INSERT INTO calls (user_id, at, tokens) SELECT id, 9223372036854775807, 9223372036854775807 FROM users",
        Done,
    ),
    (
        "INSERT INTO calls (user_id, at, tokens) SELECT id, -9223372036854775807, -9223372036854775807 FROM users",
        Done,
    ),
];

/// PostgreSQL's types allow none of these.
pub(crate) const CONVERSATIONS_IN_SQLITE: &[(&str, Expect)] = &[
    (
        "UPDATE messages SET partial = 7 WHERE content = 'three'",
        Done,
    ),
    (
        "UPDATE messages SET conversation_id = 'x' WHERE content = 'three'",
        Done,
    ),
    ("UPDATE turns SET id = 'x' || id", Done),
    ("UPDATE conversations SET id = 'x' WHERE id = {}", Done),
    (
        "UPDATE users SET current_conversation = 'x' WHERE name = 'anna'; UPDATE conversations SET id = 'x' WHERE id = {}",
        damaged("the column id"),
    ),
    ("INSERT INTO unindexed VALUES (999999)", Done),
];

/// Of anna's account: what comes of her session, of a new login, and of the list of accounts.
pub(crate) const ACCOUNTS: &[(&str, [Expect; 3])] = &[
    (
        "UPDATE users SET access = 'root' WHERE name = 'anna'",
        [Done; 3],
    ),
    (
        "UPDATE users SET active = NOT active WHERE name = 'anna'",
        [REVOKED, Refused(77, "disabled"), Done],
    ),
    (
        "UPDATE users SET password = 'no hash' WHERE name = 'anna'",
        [Done, Refused(78, "an administrator can reset it"), Done],
    ),
    (
        "UPDATE users SET password = '' WHERE name = 'anna'",
        [Done, Refused(78, "an administrator can reset it"), Done],
    ),
    // It asks for hours.
    (
        "UPDATE users SET password = replace(password, 'm=19456,t=2', 'm=4194304,t=4294967295') WHERE name = 'anna'",
        [Done, Refused(78, "checking it would take too long"), Done],
    ),
    (
        "UPDATE users SET name = 'x\u{1b}[2J\u{202e}' WHERE name = 'anna'",
        [Done, WRONG, Done],
    ),
    (
        "UPDATE users SET name = ' ' WHERE name = 'anna'",
        [damaged("the column name"); 3],
    ),
    (
        "UPDATE users SET email = 'x\u{1b}[2J\u{202e}' WHERE name = 'anna'",
        [Done; 3],
    ),
    (
        "UPDATE users SET look = NULL WHERE name = 'anna'",
        [Done, WRONG, Done],
    ),
    (
        "UPDATE users SET created_at = 9223372036854775807 WHERE name = 'anna'",
        [damaged("the column created_at"); 3],
    ),
    (
        "UPDATE users SET last_login_at = 9223372036854775807 WHERE name = 'anna'",
        [Done; 3],
    ),
    (
        "DELETE FROM users WHERE name = 'anna'",
        [REVOKED, WRONG, Done],
    ),
    (
        "DELETE FROM issued_tokens WHERE user_id = (SELECT id FROM users WHERE name = 'anna')",
        [REVOKED, Done, Done],
    ),
    (
        "UPDATE issued_tokens SET user_id = (SELECT id FROM users WHERE name = 'root')",
        [REVOKED, Done, Done],
    ),
    (
        "UPDATE issued_tokens SET expires_at = 9223372036854775807",
        [Done; 3],
    ),
    (
        "UPDATE known_keys SET id = 'x' WHERE purpose = 'token'",
        [damaged("the column id"); 3],
    ),
    (
        "INSERT INTO login_failures SELECT 'x', -1, -9223372036854775807",
        [Done; 3],
    ),
];

pub(crate) const ACCOUNTS_IN_SQLITE: &[(&str, [Expect; 3])] = &[
    (
        "UPDATE users SET id = 'anna' WHERE name = 'anna'",
        [REVOKED, damaged("the column id"), damaged("the column id")],
    ),
    (
        "UPDATE users SET kind = 'x' WHERE name = 'anna'",
        [REVOKED, WRONG, Done],
    ),
    (
        "UPDATE users SET active = 7 WHERE name = 'anna'",
        [REVOKED, WRONG, Done],
    ),
    (
        "UPDATE users SET password = NULL WHERE name = 'anna'",
        [Done, Refused(78, "an administrator can reset it"), Done],
    ),
];
