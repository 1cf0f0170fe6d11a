//! Going on in a long conversation against a short one: what is read is what the model's budget holds.

use mini_llm_chat_engine::ids::ConversationId;
use mini_llm_chat_engine::tokens::{Budget, Context, Counter, Recall};
use mini_llm_chat_sandbox::limits::HISTORY_BYTES;

use crate::append::turn;
use crate::figures::{Samples, milliseconds, row};
use crate::place::Place;

const ROUNDS: usize = 41;
const SHORT: usize = 100;
const LONG: usize = 10_000;
/// A hundred of them are more than the policies take at once, so that both fill the budget.
const MESSAGE_BYTES: usize = 3_000;

pub(crate) async fn measure(place: &Place) {
    let short = filled(place, SHORT).await;
    let long = filled(place, LONG).await;
    let counter = Counter::new(None);
    let budget = Budget {
        tokens: Context::of("gpt-4o").input_tokens(None),
        bytes: HISTORY_BYTES as u64,
    };
    let open = async |conversation| {
        let (user, store) = (place.user, &*place.store);
        store.conversation(user, conversation).await.unwrap();
        let last = store.last_sequence(user, conversation).await.unwrap();
        let mut recall = Recall::new(conversation, last);
        let history = recall.history(store, user, budget, &counter);
        assert!(history.await.unwrap().shortened);
    };
    let (mut longer, mut shorter) = (Samples::default(), Samples::default());
    for round in 0..=ROUNDS {
        let (long, ()) = milliseconds(open(long)).await;
        let (short, ()) = milliseconds(open(short)).await;
        if round > 0 {
            longer.add(long);
            shorter.add(short);
        }
    }
    row(
        &format!(
            "a conversation of {LONG} messages is opened, against {SHORT}: {}",
            place.name
        ),
        &longer,
        &shorter,
        "≤ 2",
    );
}

async fn filled(place: &Place, messages: usize) -> ConversationId {
    let id = place.store.begin(place.user).await.unwrap().id;
    for number in 0..messages / 2 {
        let (turn, _) = turn(id, number, MESSAGE_BYTES, MESSAGE_BYTES);
        place.store.append_turn(place.user, &turn).await.unwrap();
    }
    id
}
