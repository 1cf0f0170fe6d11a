//! `mini-llm-chat audit`: look at the audit trail, verify it, and carry it away.
//!
//! None of it needs a key for a model. An export is verified without a database and without any secret: that is what
//! checkpoints are for.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mini_llm_chat_engine::audit::chain::{Checkpoint, PublicKey, Row};
use mini_llm_chat_engine::audit::{
    AuditError, AuditEvent, AuditTrail, DatabaseTrail, Evidence, ExportHeader, FileTrail, Proof,
    ProofError, prove_export,
};
use mini_llm_chat_engine::auth::Operation;
use mini_llm_chat_engine::ids::UserId;
use mini_llm_chat_engine::log::Log;
use mini_llm_chat_engine::storage::{AuditFilter, MAX_PAGE, Store};
use mini_llm_chat_sandbox::printable;
use serde_json::{Value, json};

use crate::cli::{AuditCommand, AuditListArguments, AuditVerifyArguments};
use crate::config::{Database, Settings};
use crate::entrance::Entrance;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::house::{self, cannot_create, storage_failed};
use crate::{accounts_cmd, terminal, trail};

/// Runs one of the commands on the database's trail.
///
/// # Errors
/// When there is no trail, it was altered, or it cannot be read.
pub(crate) async fn run(settings: &Settings, log: Log, command: AuditCommand) -> Result<Exit> {
    if let AuditCommand::PublicKey = command {
        let key = trail::checkpoints(settings)?.public();
        return Ok(printed(&format!("{key}\n")));
    }
    let operation = match command {
        AuditCommand::List(..) => Operation::AuditList,
        AuditCommand::Export => Operation::AuditExport,
        _ => Operation::AuditVerify,
    };
    let opened = Opened::open(settings, log, operation).await?;
    let done = opened.run(command).await;
    opened.store.close().await;
    done
}

/// Verifies an exported trail, which needs nothing but the file and a public key.
///
/// # Errors
/// When the trail was altered, or a file cannot be read.
pub(crate) fn verify_export(arguments: &AuditVerifyArguments) -> Result<Exit> {
    let evidence = evidence(arguments)?;
    let Some(path) = &arguments.export else {
        return Err(Failure::usage("--export: the file is missing"));
    };
    let proof = prove_export(path, evidence);
    proven(proof.map_err(|error| refused(&error, format_args!("{}: {error}", path.display()))))
}

struct Opened {
    store: Arc<dyn Store>,
    trail: DatabaseTrail,
    /// Who asks.
    user: UserId,
}

impl Opened {
    async fn open(settings: &Settings, log: Log, operation: Operation) -> Result<Self> {
        match &settings.database {
            Database::Memory => {
                return Err(Failure::config(format_args!(
                    "a chat in memory has no audit trail in a database: its events are in {}",
                    settings.paths.audit_file().display()
                )));
            }
            Database::Sqlite(path) if !path.exists() => {
                return Err(Failure::config(format_args!(
                    "there is no database {} yet, and so no audit trail",
                    path.display()
                )));
            }
            Database::Sqlite(_) | Database::Postgres(_) => {}
        }
        let entrance = Entrance::open(settings, &log).await?;
        let store = Arc::clone(&entrance.store);
        let opened = async {
            let session = accounts_cmd::permitted(&entrance, operation).await?;
            let file = FileTrail::open(&settings.paths.audit_file(), log.clone());
            let (file, keys) = (file.map_err(cannot_create)?, &entrance.keys);
            let trail = trail::open(settings, store.clone(), keys, file, log.clone()).await?;
            Ok((trail, session.user()))
        };
        match opened.await {
            Ok((trail, user)) => Ok(Self { store, trail, user }),
            Err(failure) => {
                store.close().await;
                Err(failure)
            }
        }
    }

    async fn run(&self, command: AuditCommand) -> Result<Exit> {
        match command {
            AuditCommand::List(arguments) => self.list(&arguments).await,
            AuditCommand::Verify(arguments) => {
                let proof = self.trail.prove(evidence(&arguments)?).await;
                proven(proof.map_err(|error| refused(&error, &error)))
            }
            AuditCommand::Export => self.export().await,
            AuditCommand::Checkpoint => Ok(printed(&(self.checkpoint().await?.to_line() + "\n"))),
            AuditCommand::PublicKey => {
                Ok(printed(&format!("{}\n", self.trail.checkpoints().public())))
            }
        }
    }

    async fn list(&self, arguments: &AuditListArguments) -> Result<Exit> {
        let filter = AuditFilter {
            event: arguments.event.clone(),
            user: arguments.user.clone(),
            since: time("--since", arguments.since.as_deref())?,
            until: time("--until", arguments.until.as_deref())?,
        };
        let (mut before, mut left) = (arguments.before, arguments.limit);
        while left > 0 {
            let page = self.store.find_audit(&filter, before, left).await;
            let page = page.map_err(storage_failed)?;
            let Some(last) = page.last() else { break };
            before = Some(last.sequence);
            left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
            let show = if arguments.json { as_json } else { as_line };
            let lines: String = page.iter().map(show).collect();
            if terminal::print(&lines).is_err() {
                return Ok(Exit::OutputClosed);
            }
        }
        Ok(Exit::Done)
    }

    /// The trail up to and including the note that it was exported, all of it signed.
    async fn export(&self) -> Result<Exit> {
        let end = self.store.audit_end().await.map_err(storage_failed)?;
        let exported = AuditEvent::AuditExported {
            user: self.user.to_string(),
            rows: end.head.sequence,
        };
        self.trail.record(exported).await.map_err(audit_failed)?;
        let last = self.checkpoint().await?.head.sequence;
        let trail = end.trail;
        let mut text = ExportHeader { trail }.to_line() + "\n";
        let mut after = 0;
        loop {
            let page = self.store.checkpoints(after, MAX_PAGE).await;
            let page = page.map_err(storage_failed)?;
            let Some(checkpoint) = page.last() else { break };
            after = checkpoint.head.sequence;
            page.iter().for_each(|it| text += &(it.to_line() + "\n"));
        }
        let mut after = 0;
        while after < last {
            let page = self.store.audit_rows(after, MAX_PAGE).await;
            let page = page.map_err(storage_failed)?;
            let Some(row) = page.last() else { break };
            after = row.sequence;
            let rows = page.iter().filter(|row| row.sequence <= last);
            rows.for_each(|row| text += &(row.to_line() + "\n"));
            if terminal::print(&text).is_err() {
                return Ok(Exit::OutputClosed);
            }
            text.clear();
        }
        Ok(Exit::Done)
    }

    /// A new one, or the last one where that still speaks of the end.
    async fn checkpoint(&self) -> Result<Checkpoint> {
        if let Some(checkpoint) = self.trail.checkpoint().await.map_err(audit_failed)? {
            return Ok(checkpoint);
        }
        let signed = self.store.audit_end().await.map_err(storage_failed)?.signed;
        let last = self.store.checkpoints(signed.saturating_sub(1), 1).await;
        last.map_err(storage_failed)?.pop().ok_or_else(|| {
            Failure::new(
                Exit::Data,
                "the audit trail is empty: there is nothing to sign",
            )
        })
    }
}

fn evidence(arguments: &AuditVerifyArguments) -> Result<Evidence> {
    let mut evidence = Evidence::default();
    for key in &arguments.public_key {
        evidence.trusted.push(public_key(key)?);
    }
    for path in &arguments.checkpoint {
        let text = read(path)?;
        for line in text.lines().filter(|line| !line.is_empty()) {
            let checkpoint = Checkpoint::from_line(line);
            evidence.given.push(checkpoint.map_err(|error| {
                Failure::new(Exit::Data, format_args!("{}: {error}", path.display()))
            })?);
        }
    }
    Ok(evidence)
}

fn public_key(text: &str) -> Result<PublicKey> {
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    let refused = |_| {
        Failure::usage(format_args!(
            "--public-key: {text} is neither 64 hexadecimal digits nor a file that holds them"
        ))
    };
    read(Path::new(text))?.trim().parse().map_err(refused)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| {
        Failure::new(
            Exit::Data,
            format_args!("cannot read {}: {error}", path.display()),
        )
    })
}

fn proven(proof: Result<Proof>) -> Result<Exit> {
    Ok(printed(&printable::block(&proof?.to_string())))
}

fn refused(error: &ProofError, words: impl std::fmt::Display) -> Failure {
    let exit = match error {
        ProofError::Engine(error) => house::exit_of(error),
        _ => Exit::Data,
    };
    Failure::new(exit, words)
}

fn audit_failed(error: AuditError) -> Failure {
    match error {
        AuditError::Database(error) => storage_failed(error),
        AuditError::File { .. } => Failure::new(Exit::CannotCreate, error),
    }
}

fn printed(text: &str) -> Exit {
    terminal::print(text).map_or(Exit::OutputClosed, |()| Exit::Done)
}

/// A date stands for its beginning in UTC.
fn time(option: &str, text: Option<&str>) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let date: Date = text.parse().ok()?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    let time = time.ok_or_else(|| {
        Failure::usage(format_args!(
            "{option}: {text} is no time: write 2026-01-31 or 2026-01-31T09:30:00Z"
        ))
    })?;
    Ok(Some(time.as_microsecond()))
}

fn as_line(row: &Row) -> String {
    let entry = &row.entry;
    let mut fields = fields(row);
    if let Some(fields) = fields.as_object_mut() {
        // They stand before it.
        fields.remove("event");
        fields.remove("user");
    }
    let user = entry.user.as_deref().unwrap_or("-");
    let line = format!(
        "{:>6}  {}  {:<16}  {user:<36}  {fields}",
        row.sequence,
        at(row),
        entry.event
    );
    format!("{}\n", printable::inline(&line))
}

fn as_json(row: &Row) -> String {
    let line = json!({
        "sequence": row.sequence,
        "at": at(row),
        "event": row.entry.event,
        "user": row.entry.user,
        "turn": row.entry.turn,
        "fields": fields(row),
    });
    let mut safe = String::new();
    for character in line.to_string().chars() {
        if printable::is_safe(character) {
            safe.push(character);
        } else {
            // In JSON such a character stands in a string: there it may be escaped.
            let units = &mut [0; 2];
            let units = character.encode_utf16(units).iter();
            units.for_each(|unit| safe += &format!("\\u{unit:04x}"));
        }
    }
    safe + "\n"
}

/// What is no JSON was not written by this program; it is shown as a text.
fn fields(row: &Row) -> Value {
    serde_json::from_str(&row.entry.body).unwrap_or_else(|_| Value::from(row.entry.body.as_str()))
}

fn at(row: &Row) -> String {
    Timestamp::from_microsecond(row.entry.at)
        .map_or_else(|_| row.entry.at.to_string(), |at| format!("{at:.6}"))
}
