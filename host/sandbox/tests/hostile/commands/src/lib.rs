//! Commands that misbehave: `/hostile HOW`. `/echo` is honest, `/admin` needs an administrator.

wit_bindgen::generate!({
    path: ["../../../../../wit/plugin", "../../../../../wit/host"],
    world: "mini-llm-chat:host/commands-plugin",
    generate_all,
});

use exports::mini_llm_chat::plugin::commands::{Command, Guest, Outcome};
use mini_llm_chat::host::{llm, log, output, users};
use mini_llm_chat::plugin::types::Access;

struct Commands;
export!(Commands);

impl Guest for Commands {
    fn describe() -> Vec<Command> {
        let command = |name: &str, needs| Command {
            name: name.into(),
            aliases: vec![format!("{name}-alias")],
            usage: format!("/{name}"),
            summary: "For the tests.".into(),
            needs,
        };
        vec![
            command("echo", Access::User),
            command("hostile", Access::User),
            command("admin", Access::Admin),
        ]
    }

    fn run(name: String, rest: String) -> Result<Outcome, String> {
        if name != "hostile" {
            output::text(&rest).map_err(|failure| format!("{failure:?}"))?;
            return Ok(Outcome::Done);
        }
        match rest.as_str() {
            "loop" => loop {
                std::hint::black_box(0);
            },
            "panic" => panic!("SECRET {rest}"),
            "error" => return Err("no\u{1b}[2J\u{202e}way".into()),
            "memory" => drop(std::hint::black_box(vec![1_u8; 160 << 20])),
            "output-flood" => loop {
                let _ = output::text(&"x".repeat(64 << 10));
            },
            "log-flood" => loop {
                log::write(log::Level::Info, "again");
            },
            "huge-argument" => drop(output::text(&"x".repeat(8 << 20))),
            "many-cells" => drop(output::table(&vec![String::new(); 4 << 20], &[])),
            "handles" => {
                let mut open = Vec::new();
                while let Ok(answer) = llm::ask(&[], "again") {
                    open.push(answer);
                }
            }
            "admins-hands" => {
                return match users::delete("someone") {
                    Ok(()) => Err("deleted".into()),
                    Err(failure) => Err(format!("{failure:?}")),
                };
            }
            _ => {}
        }
        Ok(Outcome::Done)
    }
}
