//! How a person names a conversation: by its number in the list, or by its id or the start or end of it.

use mini_llm_chat_plugin_sdk::host::conversations::Conversation;

use crate::{Host, Refusal};

/// What the host gives in one call.
const PAGE: u32 = 100;
/// How far a search for a number or part of an id goes; a full id is found at any age.
const REACH: usize = 1_000;
/// Fewer characters of an id are more likely a slip than meant.
const SHORTEST_PART: usize = 4;

/// The caller's conversations, last used first, at most `wanted` of them.
pub(crate) fn first(host: &dyn Host, wanted: usize) -> Result<Vec<Conversation>, Refusal> {
    let mut found: Vec<Conversation> = Vec::new();
    while found.len() < wanted {
        let after = found.last().map(|conversation| conversation.id.clone());
        let page = host.list(after.as_deref(), PAGE)?;
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    found.truncate(wanted);
    Ok(found)
}

/// The id that `words` name.
pub(crate) fn resolve(host: &dyn Host, words: &str) -> Result<String, Refusal> {
    if words.is_empty() || words.contains(char::is_whitespace) {
        return Err(Refusal::Usage);
    }
    if let Ok(number) = words.parse::<usize>()
        && (1..=REACH).contains(&number)
    {
        let nth = first(host, number)?.into_iter().nth(number - 1);
        let missing = || {
            Refusal::Reason(format!(
                "there is no conversation {number}; /list shows them"
            ))
        };
        return nth.map(|conversation| conversation.id).ok_or_else(missing);
    }
    let conversations = first(host, REACH)?;
    let mut matching = conversations
        .iter()
        .filter(|conversation| names(&conversation.id, words));
    match (matching.next(), matching.next()) {
        (Some(only), None) => Ok(only.id.clone()),
        (Some(_), Some(_)) => Err(Refusal::Reason(format!(
            "`{words}` fits several conversations; give more of the id"
        ))),
        // It may be older than what was searched: the host knows, and checks whose it is.
        (None, _) => Ok(words.to_owned()),
    }
}

fn names(id: &str, words: &str) -> bool {
    id == words || (words.len() >= SHORTEST_PART && (id.starts_with(words) || id.ends_with(words)))
}
