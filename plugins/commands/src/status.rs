//! `status` and its parts: who is here, and in what state the chat is.

use mini_llm_chat_plugin_sdk::host::session::{Allowance, Limits, Spending, Usage};
use mini_llm_chat_plugin_sdk::host::{Access, Failure};

use crate::layout::{columns, count, dollars, thousands};
use crate::{Done, Host, Refusal, plugins};

pub(crate) fn status(host: &dyn Host, rest: &str) -> Done {
    no_words(rest)?;
    let services = host.services();
    let mut rows = vec![
        row("User", format!("{} ({})", host.user_name(), role(host))),
        row("Storage", services.storage),
        row("Cache", services.cache),
        row("Calls left", or_reason(host.limits().map(calls))),
    ];
    rows.extend(beside(host));
    rows.extend([
        row("Conversation", or_reason(host.usage().map(size))),
        row("Cost", or_reason(cost(host))),
        row("Model", model_and_server(host)),
    ]);
    for (index, plugin) in host.plugins().iter().enumerate() {
        rows.push(row(
            if index == 0 { "Plugins" } else { "" },
            plugins::line(plugin),
        ));
    }
    Ok(host.text(&columns("", &rows))?)
}

pub(crate) fn whoami(host: &dyn Host, rest: &str) -> Done {
    no_words(rest)?;
    let caller = host.caller();
    let rows = [
        row("User", host.user_name()),
        row("Role", role(host).to_owned()),
        row("Id", caller.user_id),
        row("Conversation", caller.conversation),
    ];
    Ok(host.text(&columns("", &rows))?)
}

pub(crate) fn model(host: &dyn Host, rest: &str) -> Done {
    no_words(rest)?;
    Ok(host.text(&format!("{}\n", model_and_server(host)))?)
}

pub(crate) fn cache(host: &dyn Host, rest: &str) -> Done {
    if rest != "clear" {
        return Err(Refusal::Usage);
    }
    let forgotten = host.clear_answers()?;
    Ok(host.text(&format!("Forgot {}.\n", count(forgotten, "cached answer")))?)
}

fn row(label: &str, text: String) -> (String, String) {
    (label.to_owned(), text)
}

pub(crate) fn no_words(rest: &str) -> Done {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Usage)
    }
}

fn role(host: &dyn Host) -> &'static str {
    match host.caller().access {
        Access::User => "user",
        Access::Admin => "admin",
    }
}

fn model_and_server(host: &dyn Host) -> String {
    let model = host.model();
    format!("{} at {}", model.name, model.server)
}

fn calls(limits: Limits) -> String {
    let text = format!(
        "{} of {} in {} s",
        limits.calls_left, limits.max_calls, limits.window_seconds
    );
    match limits.frees_in {
        Some(seconds) => format!("{text}; the next one frees in {seconds} s"),
        None => text,
    }
}

/// Limits that only some operators set.
fn beside(host: &dyn Host) -> Vec<(String, String)> {
    let left = |one: &Allowance| {
        let (left, most) = (one.most.saturating_sub(one.used), one.most);
        format!("{} of {} {}", thousands(left), thousands(most), one.what)
    };
    match host.allowances() {
        Ok(all) => all.iter().map(|one| row("Left", left(one))).collect(),
        Err(failure) => vec![row("Left", failure.reason())],
    }
}

fn size(usage: Usage) -> String {
    let bound = if usage.exact { "" } else { "at most " };
    let messages = count(usage.messages.into(), "message");
    format!(
        "{messages}, {bound}{} of {} tokens",
        thousands(usage.tokens),
        thousands(usage.token_limit)
    )
}

fn cost(host: &dyn Host) -> Result<String, Failure> {
    let all = host.spending()?;
    let Some(last) = host.last_spending()? else {
        return Ok("nothing was asked yet".to_owned());
    };
    let mut text = format!(
        "{} for {} tokens in and {} out",
        amount(&all),
        thousands(all.prompt_tokens),
        thousands(all.completion_tokens),
    );
    if last.microdollars.is_some() {
        text.push_str("; the last turn ");
        text.push_str(&amount(&last));
    }
    Ok(text)
}

/// A price that nobody set is not guessed.
fn amount(spending: &Spending) -> String {
    match spending.microdollars {
        Some(microdollars) if spending.exact => dollars(microdollars),
        Some(microdollars) => format!("about {}", dollars(microdollars)),
        None => "unknown (no price is set for a model)".to_owned(),
    }
}

/// One part that cannot be had must not hide the others.
fn or_reason(result: Result<String, Failure>) -> String {
    result.unwrap_or_else(|failure| failure.reason())
}
