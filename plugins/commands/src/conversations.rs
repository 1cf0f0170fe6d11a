//! Commands on the current conversation and on all of the caller's.

use mini_llm_chat_plugin_sdk::host::conversations::Conversation;

use crate::layout::{count, excerpt, time, title};
use crate::status::no_words;
use crate::{Done, Host, Refusal, reference};

/// Rows of a list that still fit a small terminal.
const PAGE_ROWS: usize = 20;
/// The host finds at most this many.
const SEARCH_LIMIT: u32 = 100;
/// The host reads at most this many messages in one call.
const READ_LIMIT: u32 = 100;
/// Random characters at the end of an id; its start is a time and much the same for neighbours.
const ID_TAIL: usize = 8;

pub(crate) fn clear(host: &dyn Host, rest: &str) -> Done {
    no_words(rest)?;
    let left = host.clear()?;
    let messages = count(left.messages.into(), "message");
    Ok(host.text(&format!(
        "A new conversation begins. The one before, \"{}\" with {messages}, stays in the list: /list\n",
        title(&left.title)
    ))?)
}

pub(crate) fn list(host: &dyn Host, rest: &str) -> Done {
    let page = match rest {
        "" => 1,
        number => number
            .parse::<usize>()
            .ok()
            .filter(|page| (1..=50).contains(page))
            .ok_or(Refusal::Usage)?,
    };
    let before = (page - 1) * PAGE_ROWS;
    // One more than is shown tells whether there is a next page.
    let found = reference::first(host, before + PAGE_ROWS + 1)?;
    let shown: Vec<&Conversation> = found.iter().skip(before).take(PAGE_ROWS).collect();
    if shown.is_empty() {
        return Ok(host.text("There are no conversations here.\n")?);
    }
    let current = host.current()?.id;
    let rows: Vec<_> = shown
        .iter()
        .enumerate()
        .map(|(index, conversation)| {
            let mark = if conversation.id == current { "*" } else { "" };
            let mut cells = vec![format!("{}{mark}", before + index + 1)];
            cells.extend(self::cells(conversation));
            cells
        })
        .collect();
    host.table(
        &["#", "Title", "Messages", "Last used (UTC)", "Id"].map(str::to_owned),
        &rows,
    )?;
    if found.len() > before + PAGE_ROWS {
        host.text(&format!("More: /list {}\n", page + 1))?;
    }
    Ok(())
}

pub(crate) fn search(host: &dyn Host, rest: &str) -> Done {
    if rest.is_empty() {
        return Err(Refusal::Usage);
    }
    let found = host.search(rest, SEARCH_LIMIT)?;
    if found.is_empty() {
        return Ok(host.text("No conversation contains all of these words.\n")?);
    }
    let rows: Vec<_> = found.iter().map(cells).collect();
    Ok(host.table(
        &["Title", "Messages", "Last used (UTC)", "Id"].map(str::to_owned),
        &rows,
    )?)
}

pub(crate) fn resume(host: &dyn Host, rest: &str) -> Done {
    let resumed = host.resume(&reference::resolve(host, rest)?)?;
    let messages = count(resumed.messages.into(), "message");
    Ok(host.text(&format!(
        "Back in \"{}\" with {messages}.\n",
        title(&resumed.title)
    ))?)
}

pub(crate) fn rename(host: &dyn Host, rest: &str) -> Done {
    if rest.is_empty() {
        return Err(Refusal::Usage);
    }
    host.rename(&host.current()?.id, rest)?;
    Ok(host.text("Renamed.\n")?)
}

pub(crate) fn fork(host: &dyn Host, rest: &str) -> Done {
    let left_out = match rest {
        "" => 0,
        number => number
            .parse::<u32>()
            .ok()
            .filter(|left_out| *left_out < READ_LIMIT)
            .ok_or(Refusal::Usage)?,
    };
    let newest = host.read(None, left_out + 1)?;
    let last = newest.get(left_out as usize).ok_or_else(|| {
        Refusal::Reason("the conversation has no message that could be copied".to_owned())
    })?;
    let copy = host.fork(&host.current()?.id, last.sequence)?;
    let messages = count(copy.messages.into(), "message");
    Ok(host.text(&format!(
        "Now in the copy \"{}\" with {messages}.\n",
        title(&copy.title)
    ))?)
}

pub(crate) fn undo(host: &dyn Host, rest: &str) -> Done {
    no_words(rest)?;
    let prompt = host.undo()?;
    Ok(host.text(&format!(
        "Removed, with its answer: {}\n",
        excerpt(&prompt, 60)
    ))?)
}

pub(crate) fn delete(host: &dyn Host, rest: &str) -> Done {
    host.delete(&reference::resolve(host, rest)?)?;
    Ok(host.text("Deleted.\n")?)
}

fn cells(conversation: &Conversation) -> Vec<String> {
    let id = &conversation.id;
    let tail = id
        .len()
        .checked_sub(ID_TAIL)
        .and_then(|start| id.get(start..))
        .unwrap_or(id);
    vec![
        title(&conversation.title),
        conversation.messages.to_string(),
        time(conversation.updated),
        tail.to_owned(),
    ]
}
