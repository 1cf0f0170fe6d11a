//! What calls into the built-in components cost.
//!
//! A program and not a bench of the sandbox, so that it is built from the same artefacts as the product:
//! test dependencies would compile wasmtime a second time.
//!
//! Prints rows of the table in docs/benchmarks.md. Where there is a baseline, both are measured in turns, so
//! that a busy moment hits both, and medians are compared. `bench-calls log` prints the log that is measured.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on must fail, and prints its figures"
)]

use std::collections::BTreeSet;
use std::hint::black_box;

use mini_llm_chat_redaction_rules::{Options, Rules, SourceState};
use mini_llm_chat_sandbox::contract::{Access, Caller, Channel};
use mini_llm_chat_sandbox::{
    Component, Grant, Operator, Origin, PluginName, PluginSet, Redactor, Sandbox, SandboxConfig,
    Settings, Text,
};

/// Bytes of a generated log.
const LOG_BYTES: usize = 10 << 20;

/// Texts of one call, as the log writer and the filter give them.
const BATCH: usize = 64;

/// Rounds whose median counts.
const ROUNDS: usize = 7;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("log") {
        log().iter().for_each(|line| println!("{line}"));
        return;
    }
    let set = built_in_set();
    calls(&set);
    policy(&set);
    redaction(&set);
}

/// The built-in components, as the product admits them; compiled here, because the bench has no cache.
fn built_in_set() -> PluginSet {
    let sandbox = Sandbox::new(SandboxConfig { cache_dir: None }).unwrap();
    let components = mini_llm_chat_builtin::all().map(|(name, bytes)| Component {
        name: PluginName::new(name).unwrap(),
        order: String::new(),
        origin: Origin::BuiltIn,
        bytes: bytes.to_vec(),
        settings: Settings::default(),
        grants: match name {
            "commands" => BTreeSet::from(Grant::ALL),
            _ => BTreeSet::new(),
        },
    });
    PluginSet::assemble(&sandbox, components.into(), None, &Operator::default()).unwrap()
}

/// The floor of every call.
fn calls(set: &PluginSet) {
    let mut redactor = set.redactor();
    redactor.warm().unwrap();
    let time = median(|| nanoseconds(20_000, || redactor.warm().unwrap()));
    row("one call, empty batch", time / 1e3, "µs", None, "≤ 0.5 µs");
}

fn policy(set: &PluginSet) {
    let caller = Caller {
        user_id: "someone".to_owned(),
        access: Access::User,
        conversation: "conversation".to_owned(),
    };
    let prompt = prompt(2_048);
    let begin = || set.begin_turn(&caller, "canary").unwrap();
    let time = median(|| nanoseconds(200, || drop(black_box(begin()))));
    row(
        "fresh policy instance, system prompt",
        time / 1e3,
        "µs",
        None,
        "",
    );
    let time = median(|| {
        nanoseconds(200, || {
            black_box(begin().review_prompt(&[], &prompt).unwrap());
        })
    });
    row(
        "fresh policy instance, first review of 2 KB",
        time / 1e3,
        "µs",
        None,
        "≤ 300 µs",
    );
    let time = median(|| {
        nanoseconds(200, || {
            let mut turn = begin();
            turn.review_prompt(&[], &prompt).unwrap();
            black_box(turn.output(Channel::Answer).unwrap().push("The").unwrap());
        })
    });
    row(
        "added time to the first visible byte of a plain answer",
        time / 1e3,
        "µs",
        None,
        "",
    );
    let deltas: Vec<String> = (0..1_000).map(|n| format!("word{n} ")).collect();
    let time = median(|| {
        let mut turn = begin();
        turn.review_prompt(&[], &prompt).unwrap();
        let mut review = turn.output(Channel::Answer).unwrap();
        review.push("The ").unwrap();
        let mut deltas = deltas.iter();
        nanoseconds(deltas.len(), || {
            black_box(review.push(deltas.next().unwrap()).unwrap());
        })
    });
    row("review of one delta", time / 1e3, "µs", None, "≤ 5 µs");
}

fn redaction(set: &PluginSet) {
    let rules = Rules::new(&Options::default()).unwrap();
    let mut redactor = set.redactor();
    redactor.warm().unwrap();

    let lines: Vec<String> = (0..BATCH).map(|n| line(n, 200)).collect();
    let [sandboxed, native] = pair(
        || nanoseconds(200, || sandboxed(&mut redactor, &lines)),
        || nanoseconds(200, || natively(&rules, &lines)),
    );
    let each = |time: f64| time / BATCH as f64 / 1e3;
    row(
        "redaction of a line of 200 bytes",
        each(sandboxed),
        "µs",
        Some(each(native)),
        "≤ 2.5 × native",
    );

    let log = log();
    // Figures of two things are compared only where both do the same.
    for batch in log.chunks(BATCH).step_by(50) {
        assert_eq!(hidden(&mut redactor, batch), hidden_natively(&rules, batch));
    }
    let [sandboxed, native] = pair(
        || {
            nanoseconds(1, || {
                log.chunks(BATCH)
                    .for_each(|batch| self::sandboxed(&mut redactor, batch))
            })
        },
        || {
            nanoseconds(1, || {
                log.chunks(BATCH).for_each(|batch| natively(&rules, batch))
            })
        },
    );
    row(
        "redaction of a log of 10 MB",
        sandboxed / 1e6,
        "ms",
        Some(native / 1e6),
        "≤ 2.5 × native",
    );
    let rate = |time: f64| LOG_BYTES as f64 / 1e6 / (time / 1e9);
    let kinds = rules.kinds().len();
    row(
        &format!("the same with {kinds} kinds, in the sandbox"),
        rate(sandboxed),
        "MB/s",
        Some(rate(native)),
        "≥ 50 MB/s",
    );

    let first = |count: usize| {
        let off = rules.kinds()[count..].iter().map(ToString::to_string);
        let options = Options {
            off: off.collect(),
            ..Options::default()
        };
        Rules::new(&options).unwrap()
    };
    let (few, many) = (first(50), first(200));
    let sample = &log[..log.len() / 10];
    let [many, few] = pair(
        || nanoseconds(1, || natively(&many, sample)),
        || nanoseconds(1, || natively(&few, sample)),
    );
    row(
        "1 MB under 200 kinds, against 50, native",
        many / 1e6,
        "ms",
        Some(few / 1e6),
        "< 1.5 ×",
    );
}

fn sandboxed(redactor: &mut Redactor, lines: &[String]) {
    let texts: Vec<Text<'_>> = lines
        .iter()
        .map(|content| Text { source: 0, content })
        .collect();
    black_box(redactor.redact(&texts));
}

/// What is hidden of each line, by the component.
fn hidden(redactor: &mut Redactor, lines: &[String]) -> Vec<Vec<(usize, usize)>> {
    let texts: Vec<Text<'_>> = lines
        .iter()
        .map(|content| Text { source: 0, content })
        .collect();
    let found = redactor.find(&texts).into_iter();
    let ranges = found.map(|masked| masked.hidden.into_iter().map(|hidden| hidden.range));
    ranges
        .map(|ranges| ranges.map(|range| (range.start, range.end)).collect())
        .collect()
}

/// What is hidden of each line, by the rules without a sandbox.
fn hidden_natively(rules: &Rules, lines: &[String]) -> Vec<Vec<(usize, usize)>> {
    let (mut state, mut found) = (SourceState::default(), Vec::new());
    let mut find = |line: &String| {
        found.clear();
        rules.find(line, &mut state, &mut found);
        found.iter().map(|one| (one.start, one.end)).collect()
    };
    lines.iter().map(&mut find).collect()
}

fn natively(rules: &Rules, lines: &[String]) {
    let (mut state, mut found) = (SourceState::default(), Vec::new());
    for line in lines {
        found.clear();
        rules.find(line, &mut state, &mut found);
        black_box(&found);
    }
}

/// A log as services write it: requests, JSON, traces of errors; a secret in every hundredth line.
fn log() -> Vec<String> {
    let mut bytes = 0;
    (0..)
        .map(|n| line(n, 60 + n * 37 % 280))
        .take_while(|line| {
            bytes += line.len() + 1;
            bytes <= LOG_BYTES
        })
        .collect()
}

fn line(n: usize, length: usize) -> String {
    let mut line = format!(
        "2030-01-{:02}T10:{:02}:{:02}.{:03}Z ",
        n % 28 + 1,
        n / 60 % 60,
        n % 60,
        n % 1000
    );
    let rest = match n % 5 {
        0 => format!(
            "INFO http: GET /api/v1/orders/{n}?page={} 200 {} bytes in {} ms ",
            n % 7,
            n * 31 % 9000,
            n % 90
        ),
        1 => format!(
            r#"{{"level":"info","service":"billing","order":"{n:08}","items":{},"path":"/var/lib/app/{}.json"}} "#,
            n % 9,
            n % 77
        ),
        2 => format!(
            "WARN worker-{}: retrying task-runner job {n:032x} after a timeout of {} s ",
            n % 8,
            n % 30
        ),
        3 => format!(
            "DEBUG db: SELECT id, name FROM users WHERE id = {n} -- {} rows, plan cached ",
            n % 50
        ),
        _ => format!(
            "ERROR app::handler: connection to 10.0.{}.{} was reset, trace {n:016x} ",
            n % 200,
            n % 250
        ),
    };
    while line.len() < length {
        line.push_str(&rest);
    }
    line.truncate(length);
    if n % 100 == 99 {
        // Put together here, so that no scanner takes this file for a leak.
        line.push_str(&[" token=gh", "p_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"].concat());
    }
    line
}

fn prompt(bytes: usize) -> String {
    let mut prompt = "Please look at the following notes of our meeting and write a short summary for the team. \
        We talked about the release of the new billing service, the order of the migrations, and who takes the \
        support rota next week. "
        .repeat(bytes / 200 + 1);
    prompt.truncate(bytes);
    prompt
}

/// Nanoseconds of this thread's processor time for one call, over so many. Wall time would count whatever else
/// the machine does.
fn nanoseconds(calls: usize, mut call: impl FnMut()) -> f64 {
    let started = processor_time();
    (0..calls).for_each(|_| call());
    (processor_time() - started) / calls as f64
}

#[cfg(unix)]
fn processor_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Elsewhere there is no such clock without unsafe code: measure on a quiet machine.
#[cfg(not(unix))]
fn processor_time() -> f64 {
    static BEGIN: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    BEGIN.elapsed().as_nanos() as f64
}

fn median(mut round: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..=ROUNDS).map(|_| round()).skip(1).collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// Medians of two things that are measured in turns.
fn pair(mut subject: impl FnMut() -> f64, mut baseline: impl FnMut() -> f64) -> [f64; 2] {
    let mut base = Vec::new();
    let subject = median(|| {
        base.push(baseline());
        subject()
    });
    base.remove(0);
    base.sort_by(f64::total_cmp);
    [subject, base[ROUNDS / 2]]
}

fn row(name: &str, subject: f64, unit: &str, baseline: Option<f64>, aim: &str) {
    match baseline {
        Some(base) => println!(
            "| {name} | {subject:.2} {unit} | {base:.2} {unit} | {:.2} | {aim} |",
            subject / base
        ),
        None => println!("| {name} | {subject:.2} {unit} | | | {aim} |"),
    }
}
