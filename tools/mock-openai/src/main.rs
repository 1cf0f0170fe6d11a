//! The mock as a program, for the demo and for trying a client by hand.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal, not host code"
)]

use std::process::ExitCode;

use mock_openai::{Fault, MockServer, Script, conformance, magic};
use tokio::io::AsyncReadExt;

const HELP: &str = "\
A mock of the OpenAI API on a loopback port.

  --port N                  listen there; 0, the default, takes a free port
  --print-url               print the base URL on one line
  --require-key KEY         answer 401 to any other bearer key
  --until-stdin-closes      end when standard input closes
  --list                    print what `mock-NAME` models and `mock:NAME` prompts can ask for
  --conformance             print what a client is to make of each of them, as Markdown
";

struct Options {
    port: u16,
    print_url: bool,
    until_stdin_closes: bool,
    script: Script,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("mock-openai: {problem}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let server = match MockServer::start_on(options.port, options.script).await {
        Ok(server) => server,
        Err(error) => {
            eprintln!(
                "mock-openai: cannot listen on port {}: {error}",
                options.port
            );
            return ExitCode::from(69);
        }
    };
    if options.print_url {
        println!("{}", server.base_url());
    }
    if options.until_stdin_closes {
        // An error means as well that no one is at the other end.
        let mut buffer = [0; 256];
        while tokio::io::stdin()
            .read(&mut buffer)
            .await
            .is_ok_and(|read| read > 0)
        {}
        drop(server);
        // The thread that reads standard input must not keep the process.
        std::process::exit(0);
    }
    let _ = tokio::signal::ctrl_c().await;
    ExitCode::SUCCESS
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options {
        port: 0,
        print_url: false,
        until_stdin_closes: false,
        script: Script::default(),
    };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--port" => {
                options.port = value()?
                    .parse()
                    .map_err(|_| "--port needs a number up to 65535".to_owned())?
            }
            "--require-key" => options.script = options.script.require_key(value()?),
            "--print-url" => options.print_url = true,
            "--until-stdin-closes" => options.until_stdin_closes = true,
            "--list" => {
                let names = magic::SCENES
                    .into_iter()
                    .chain(Fault::ALL.iter().map(|fault| fault.name()));
                names.for_each(|name| println!("{name}"));
                return Ok(None);
            }
            "--conformance" => {
                print!("{}", conformance::table());
                return Ok(None);
            }
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(None);
            }
            _ => return Err(format!("unknown option {arg}")),
        }
    }
    Ok(Some(options))
}
