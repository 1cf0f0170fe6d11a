//! `users`, `password`, `logout`: accounts. The host checks the role, asks, and reads passwords; nothing of that is
//! done here.

use mini_llm_chat_plugin_sdk::host::Access;
use mini_llm_chat_plugin_sdk::host::users::User;

use crate::layout::time;
use crate::status::no_words;
use crate::{Done, Host, Refusal};

/// What the host gives in one call.
const PAGE: u32 = 100;

pub(crate) fn password(host: &dyn Host, rest: &str) -> Done {
    no_words(rest)?;
    host.change_password()?;
    Ok(host.text("Your password is changed.\n")?)
}

pub(crate) fn logout(host: &dyn Host, rest: &str) -> Done {
    no_words(rest)?;
    host.log_out()?;
    Ok(host.text("You are logged out.\n")?)
}

pub(crate) fn users(host: &dyn Host, rest: &str) -> Done {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let done = match words[..] {
        [] | ["list"] => return list(host),
        ["add", name] => {
            host.add_user(name, "", Access::User)?;
            format!("{name} is added.\n")
        }
        ["add", name, role] => {
            host.add_user(name, "", access(role)?)?;
            format!("{name} is added.\n")
        }
        ["set-role", name, role] => {
            host.set_role(name, access(role)?)?;
            format!("{name} has the role {role} now.\n")
        }
        ["disable", name] => {
            host.disable_user(name)?;
            format!("{name} is disabled.\n")
        }
        ["enable", name] => {
            host.enable_user(name)?;
            format!("{name} can log in again.\n")
        }
        ["reset-password", name] => {
            host.reset_password(name)?;
            format!("{name} has a new password.\n")
        }
        ["delete", name] => {
            host.delete_user(name)?;
            format!("{name} is deleted.\n")
        }
        _ => return Err(Refusal::Usage),
    };
    Ok(host.text(&done)?)
}

fn list(host: &dyn Host) -> Done {
    let mut rows = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = host.users(after.as_deref(), PAGE)?;
        rows.extend(page.iter().map(cells));
        match page.last() {
            // A table has no more rows than this.
            Some(last) if page.len() == PAGE as usize && rows.len() < 1000 => {
                after = Some(last.name.clone());
            }
            _ => break,
        }
    }
    let header = ["Name", "Role", "State", "E-mail", "Last login (UTC)"].map(str::to_owned);
    Ok(host.table(&header, &rows)?)
}

fn cells(user: &User) -> Vec<String> {
    let role = match user.access {
        Access::User => "user",
        Access::Admin => "admin",
    };
    let state = if user.active { "active" } else { "disabled" };
    vec![
        user.name.clone(),
        role.to_owned(),
        state.to_owned(),
        user.email.clone(),
        user.last_login.map(time).unwrap_or_default(),
    ]
}

fn access(role: &str) -> Result<Access, Refusal> {
    match role {
        "user" => Ok(Access::User),
        "admin" => Ok(Access::Admin),
        _ => Err(Refusal::Usage),
    }
}
