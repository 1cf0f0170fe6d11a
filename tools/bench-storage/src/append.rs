//! Storing a turn against a bare insert of the same bytes, each one transaction.

use jiff::Timestamp;
use mini_llm_chat_engine::audit::chain::{Chain, Entry};
use mini_llm_chat_engine::ids::{ConversationId, PolicyDigest, TurnId};
use mini_llm_chat_engine::keys::Purpose;
use mini_llm_chat_engine::storage::{Finish, NewMessage, NewTurn, Usage};

use crate::figures::{Samples, milliseconds, row};
use crate::place::{Bare, Place};

/// The first ones fill caches and do not count.
const WARM_UP: usize = 100;
const ROUNDS: usize = 400;
const PROMPT_BYTES: usize = 300;
const ANSWER_BYTES: usize = 1_500;
/// As long as that of a turn in a chat.
const AUDIT_BYTES: usize = 500;

pub(crate) async fn measure(place: &Place) {
    make_bare(&mut *place.bare.lock().await).await;
    let chain = Chain::of(place.keys.ring(Purpose::Audit));
    let conversation = place.store.current(place.user).await.unwrap().id;
    let (mut turns, mut bare) = (Samples::default(), Samples::default());
    for round in 0..WARM_UP + ROUNDS {
        let (turn, ended) = turn(conversation, round, PROMPT_BYTES, ANSWER_BYTES);
        let bodies = [&turn.prompt.content, &turn.answer.content, &ended.body].map(Clone::clone);
        let store = place
            .store
            .append_turn_and_end(place.user, &turn, &chain, &ended);
        let (took, stored) = milliseconds(store).await;
        stored.unwrap();
        let mut connection = place.bare.lock().await;
        let (bare_took, ()) = milliseconds(insert(&mut connection, bodies)).await;
        if round >= WARM_UP {
            turns.add(took);
            bare.add(bare_took);
        }
    }
    row(
        &format!("a turn is stored, with its audit record: {}", place.name),
        &turns,
        &bare,
        "≤ 2 × a bare insert",
    );
}

/// Words that differ from turn to turn, so that the index of the search grows as in a chat.
pub(crate) fn text(number: usize, bytes: usize) -> String {
    let words = (0..bytes / 5).map(|word| format!("word{} ", (number * 31 + word * 7) % 5_000));
    let mut text: String = words.collect();
    text.truncate(bytes);
    text
}

pub(crate) fn turn(
    conversation: ConversationId,
    number: usize,
    prompt: usize,
    answer: usize,
) -> (NewTurn, Entry) {
    let message = |content| NewMessage {
        content,
        tokens: None,
        judged_by: PolicyDigest::new("a".repeat(64)),
    };
    let now = Timestamp::now();
    let turn = NewTurn {
        id: TurnId::new(),
        conversation,
        prompt: message(text(number, prompt)),
        answer: message(text(number + 1, answer)),
        finish: Finish::Stop,
        model: "gpt-4o".to_owned(),
        cached: false,
        usage: Usage {
            prompt_tokens: 400,
            completion_tokens: 350,
            exact: true,
        },
        begun: now,
    };
    let ended = Entry {
        at: now.as_microsecond(),
        event: "turn-ended".to_owned(),
        user: Some(conversation.to_string()),
        turn: Some(turn.id.to_string()),
        body: text(number, AUDIT_BYTES),
    };
    (turn, ended)
}

async fn make_bare(bare: &mut Bare) {
    match bare {
        Bare::Sqlite(connection) => {
            sqlx::query("CREATE TABLE bare (number INTEGER PRIMARY KEY, body TEXT NOT NULL)")
                .execute(connection)
                .await
                .unwrap();
        }
        Bare::Postgres(connection) => {
            sqlx::query(
                "CREATE TABLE bare (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT NOT NULL)",
            )
            .execute(connection)
            .await
            .unwrap();
        }
    }
}

/// One statement, which is a transaction.
async fn insert(bare: &mut Bare, bodies: [String; 3]) {
    const INSERT: &str = "INSERT INTO bare (body) VALUES ($1), ($2), ($3)";
    let [one, two, three] = bodies;
    match bare {
        Bare::Sqlite(connection) => {
            let insert = sqlx::query(INSERT).bind(one).bind(two).bind(three);
            insert.execute(connection).await.unwrap();
        }
        Bare::Postgres(connection) => {
            let insert = sqlx::query(INSERT).bind(one).bind(two).bind(three);
            insert.execute(connection).await.unwrap();
        }
    }
}
