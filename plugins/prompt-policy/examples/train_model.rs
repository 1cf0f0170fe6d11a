//! Trains the linear model and writes its weights.
//!
//! `cargo run --release --example train_model -- DATA_DIR [--cross-validate] [--write FILE]`
//!
//! Logistic regression by AdaGrad over a fixed shuffle: the same data gives the same bytes. Rows come
//! from `injection.jsonl` in DATA_DIR, those of the tuning half alone (by SHA-256 of the id), and from
//! the sentences that the project wrote itself. Rows without a permissive licence are left out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a script: it stops at the first surprise"
)]

use std::fmt::Write as _;
use std::fs;

use mini_llm_chat_prompt_policy_rules::training::{BUCKETS, evidence, features};
use serde_json::Value;
use sha2::{Digest, Sha256};

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/train/sentences.jsonl");
const EPOCHS: usize = 40;
const RATE: f32 = 0.5;
const DECAY: f32 = 2e-4;
const FOLDS: u8 = 5;

struct Row {
    id: String,
    text: String,
    label: bool,
    tier: String,
    weight: f32,
    features: Vec<u16>,
}

struct Model {
    bias: f32,
    weights: Vec<f32>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let data = arguments
        .first()
        .expect("usage: train_model DATA_DIR [--cross-validate] [--write FILE]");
    let rows = load(data);
    let used: Vec<&Row> = rows.iter().filter(|row| row.weight > 0.0).collect();
    println!(
        "{} rows, {} used for training, {} of them attacks",
        rows.len(),
        used.len(),
        used.iter().filter(|r| r.label).count()
    );
    if arguments.iter().any(|a| a == "--cross-validate") {
        cross_validate(&rows);
    }
    if let Some(at) = arguments.iter().position(|a| a == "--write") {
        let bytes = quantise(&train(&used));
        fs::write(&arguments[at + 1], &bytes).unwrap();
        println!(
            "{} bytes, SHA-256 {}",
            bytes.len(),
            hex(&Sha256::digest(&bytes))
        );
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

/// The half that may be looked at; the other half is for figures only.
fn tuning(id: &str) -> bool {
    Sha256::digest(id.as_bytes())[0] < 128
}

fn permissive(licence: &str) -> bool {
    let known = ["MIT", "Apache-2.0", "CC0-1.0", "CC-BY-4.0", "ODC-BY", "own"];
    known.iter().any(|name| licence.starts_with(name)) && !licence.contains("unlicensed")
}

fn load(data: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for path in [format!("{data}/injection.jsonl"), OWN.to_owned()] {
        let own = path == OWN;
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        println!(
            "{}  {}",
            hex(&Sha256::digest(&bytes)),
            if own {
                "sentences.jsonl"
            } else {
                "injection.jsonl"
            }
        );
        for (number, line) in String::from_utf8(bytes).unwrap().lines().enumerate() {
            let value: Value = serde_json::from_str(line).unwrap();
            let get = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            let id = if own {
                format!("own-{number}")
            } else {
                get("id")
            };
            if !own && !tuning(&id) {
                continue;
            }
            let (label, tier, text) = (
                value["label"] == 1,
                if own { "own".to_owned() } else { get("tier") },
                get("text"),
            );
            let weight = if own || permissive(&get("licence")) {
                importance(label, &tier, own)
            } else {
                0.0
            };
            let features = features(&text);
            rows.push(Row {
                id,
                text,
                label,
                tier,
                weight,
                features,
            });
        }
    }
    rows
}

/// How much a row counts: what the text decides counts most; wishes that need other context do not.
fn importance(label: bool, tier: &str, own: bool) -> f32 {
    match (label, tier) {
        _ if own => 0.8,
        (true, "core") => 1.5,
        (true, "mixed") => 0.3,
        (true, _) => 0.0,
        (false, "hard") => 1.5,
        (false, _) => 0.7,
    }
}

fn train(rows: &[&Row]) -> Model {
    let mut model = Model {
        bias: 0.0,
        weights: vec![0.0; BUCKETS],
    };
    let mut squares = vec![1e-6f32; BUCKETS];
    let mut bias_square = 1e-6f32;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut seed = 0x5EED_u64;
    for _ in 0..EPOCHS {
        for i in (1..order.len()).rev() {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            order.swap(i, (seed >> 33) as usize % (i + 1));
        }
        for &at in &order {
            let row = rows[at];
            let length = 1.0 / (row.features.len().max(1) as f32).sqrt();
            let slope = row.weight
                * (chance(logit(&model, &row.features)) - f32::from(u8::from(row.label)));
            bias_square += slope * slope;
            model.bias -= RATE * 0.2 * slope / bias_square.sqrt();
            for &bucket in &row.features {
                let bucket = usize::from(bucket);
                let gradient = slope * length + DECAY * model.weights[bucket];
                squares[bucket] += gradient * gradient;
                model.weights[bucket] -= RATE * gradient / squares[bucket].sqrt();
            }
        }
    }
    model
}

fn logit(model: &Model, features: &[u16]) -> f32 {
    let sum: f32 = features
        .iter()
        .map(|b| model.weights[usize::from(*b)])
        .sum();
    model.bias + sum / (features.len().max(1) as f32).sqrt()
}

fn chance(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Bias and step as `f32`, then one signed byte a weight.
fn quantise(model: &Model) -> Vec<u8> {
    let largest = model.weights.iter().fold(0.0f32, |a, w| a.max(w.abs()));
    let step = largest / 127.0;
    let mut bytes = Vec::with_capacity(8 + BUCKETS);
    bytes.extend_from_slice(&model.bias.to_le_bytes());
    bytes.extend_from_slice(&step.to_le_bytes());
    bytes.extend(model.weights.iter().map(|w| (w / step).round() as i8 as u8));
    bytes
}

/// Trains on four fifths, scores the fifth; prints what rules, model and both reach.
fn cross_validate(rows: &[Row]) {
    let mut scores: Vec<(f32, f32, &Row)> = Vec::new();
    for fold in 0..FOLDS {
        let inside =
            |row: &Row| Sha256::digest(format!("fold {}", row.id).as_bytes())[0] % FOLDS == fold;
        let training: Vec<&Row> = rows
            .iter()
            .filter(|r| !inside(r) && r.weight > 0.0)
            .collect();
        let model = train(&training);
        for row in rows.iter().filter(|r| inside(r)) {
            scores.push((evidence(&row.text).0, logit(&model, &row.features), row));
        }
    }
    if let Ok(path) = std::env::var("SCORES") {
        let mut out = String::new();
        for (rules, logit, row) in &scores {
            writeln!(out, "{}", serde_json::json!({"id": row.id, "label": row.label, "tier": row.tier, "rules": rules, "logit": logit, "text": row.text})).unwrap();
        }
        fs::write(path, out).unwrap();
    }
    println!("cross-validated model alone: core recall where so many hard benign rows are flagged");
    for allowed in [0.01, 0.02, 0.05] {
        let mut hard: Vec<f32> = scores
            .iter()
            .filter(|s| !s.2.label && s.2.tier == "hard")
            .map(|s| s.1)
            .collect();
        hard.sort_by(|a, b| b.total_cmp(a));
        let limit = hard[(hard.len() as f32 * allowed) as usize];
        let core: Vec<bool> = scores
            .iter()
            .filter(|s| s.2.label && s.2.tier == "core")
            .map(|s| s.1 > limit)
            .collect();
        println!(
            "  {allowed:.2}: {:.3} (limit {limit:.2})",
            core.iter().filter(|c| **c).count() as f32 / core.len() as f32
        );
    }
}
