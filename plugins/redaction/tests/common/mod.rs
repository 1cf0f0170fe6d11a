//! Samples of many forms, all made up, and what a reader would see of them.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use mini_llm_chat_redaction_rules::{Match, Options, Rules, SourceState, Stream};

pub(crate) struct Sample {
    pub(crate) text: &'static str,
    /// Must not be seen.
    pub(crate) secret: &'static str,
    pub(crate) kind: &'static str,
}

const fn sample(kind: &'static str, text: &'static str, secret: &'static str) -> Sample {
    Sample { text, secret, kind }
}

pub(crate) const SAMPLES: &[Sample] = &[
    sample(
        "openai-api-key",
        "sk-proj-Fake0Fake1Fake2Fake3Fake4",
        "Fake0Fake1Fake2Fake3Fake4",
    ),
    sample(
        "openai-api-key",
        "sk-0a1b2c3d4e5f6g7h8i9jFAKE",
        "0a1b2c3d4e5f6g7h8i9jFAKE",
    ),
    sample(
        "anthropic-api-key",
        "sk-ant-api03-Fake_Fake-0123456789",
        "Fake_Fake-0123456789",
    ),
    sample(
        "github-pat",
        "ghp_0Fake1Fake2Fake3Fake4Fake5Fake6Fa",
        "0Fake1Fake2Fake3Fake4Fake5Fake6Fa",
    ),
    sample(
        "gitlab-pat",
        "glpat-0Fake1Fake2Fake3Fak",
        "0Fake1Fake2Fake3Fak",
    ),
    sample(
        "aws-access-key-id",
        "AKIAFAKEFAKE12345678",
        "FAKEFAKE12345678",
    ),
    sample(
        "gcp-api-key",
        "AIzaFake0Fake1Fake2Fake3Fake4Fake5Fake6F",
        "Fake0Fake1Fake2Fake3Fake4Fake5Fake6F",
    ),
    sample(
        "slack-bot-token",
        "xoxb-000000000001-000000000002-FakeFakeFakeFake",
        "000000000002-FakeFakeFakeFake",
    ),
    sample(
        "stripe-secret-key",
        "sk_test_0Fake1Fake2Fake3",
        "0Fake1Fake2Fake3",
    ),
    sample(
        "slack-webhook",
        "https://hooks.slack.com/services/T0FAKE000/B0FAKE000/Fake0Fake1Fake2Fake3Fake",
        "Fake0Fake1Fake2Fake3Fake",
    ),
    sample(
        "bearer-token",
        "Authorization: Bearer Fake0Fake1Fake2Fake3",
        "Fake0Fake1Fake2Fake3",
    ),
    sample(
        "basic-auth",
        "Authorization: Basic ZmFrZTpmYWtlLWZha2U=",
        "ZmFrZTpmYWtlLWZha2U=",
    ),
    sample(
        "jwt",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmYWtlIn0.Fake0Fake1Fake2Fake3Fake4Fake5Fake6Fake7F",
        "eyJzdWIiOiJmYWtlIn0",
    ),
    sample(
        "url-password",
        "postgres://chat:Fake-pass9@db.example.org:5432/chat",
        "Fake-pass9",
    ),
    sample(
        "url-password",
        "amqp://guest:fa/ke#9@mq.example.org/vhost",
        "fa/ke#9",
    ),
    sample("password", "password=Fake-pass9", "Fake-pass9"),
    sample(
        "password",
        "{\"password\": \"Fake pass 9\", \"user\": \"x\"}",
        "Fake pass 9",
    ),
    sample(
        "password",
        "{'db_password': 'Fake-pass9', 'port': 5432}",
        "Fake-pass9",
    ),
    sample(
        "password",
        "\"body\": \"{\\\"password\\\": \\\"Fake-pass9\\\"}\"",
        "Fake-pass9",
    ),
    sample(
        "password",
        "user%3Dx%26password%3DFake-pass9%26z%3D1",
        "Fake-pass9",
    ),
    sample("password", "<Password>Fake-pass9</Password>", "Fake-pass9"),
    sample("password", "the password is Fake-pass9.", "Fake-pass9"),
    sample(
        "password",
        "- **Password:** `Fake-pass9` (change it)",
        "Fake-pass9",
    ),
    sample("password", "*Password*: Fake-pass9 for now", "Fake-pass9"),
    sample(
        "password",
        "<b>Password:</b> <code>Fake-pass9</code>",
        "Fake-pass9",
    ),
    sample(
        "password",
        "**Password:** **Fake-pass9** for now",
        "Fake-pass9",
    ),
    sample(
        "password",
        "__Password:__\u{a0}Fake-pass9 for now",
        "Fake-pass9",
    ),
    sample("password", "|Password|Fake-pass9|", "Fake-pass9"),
    sample("password", "The **password** is `Fake-pass9`", "Fake-pass9"),
    sample(
        "password",
        "<td>password</td>\n  <td>Fake-pass9</td>",
        "Fake-pass9",
    ),
    sample(
        "password",
        "<entry key=\"password\">Fake-pass9</entry>",
        "Fake-pass9",
    ),
    sample(
        "password",
        "<td>password</td> <td class=\"v\"><code>Fake-pass9</code></td>",
        "Fake-pass9",
    ),
    sample(
        "api-key",
        "| **api key** | `0fake1fake2fake3fake4` |",
        "0fake1fake2fake3fake4",
    ),
    sample(
        "cli-password",
        "curl -u chat:Fake-pass9 https://example.org",
        "Fake-pass9",
    ),
    sample(
        "cli-password",
        "mysql -h db -pFake-pass9 chat",
        "Fake-pass9",
    ),
    sample(
        "heroku-credential",
        "export HEROKU_API_KEY=00000000-fake-0000-fake-0000f4k3f4k3",
        "0000f4k3f4k3",
    ),
    sample(
        "api-key",
        "x-api-key: 0fake1fake2fake3fake4",
        "0fake1fake2fake3fake4",
    ),
    sample(
        "secret",
        "secret: Some(\"0fake1fake2fake3fake4\")",
        "0fake1fake2fake3fake4",
    ),
    sample(
        "token",
        "GET /x?a=1&access_token=0fake1fake2fake3fake4&b=2",
        "0fake1fake2fake3fake4",
    ),
    sample(
        "token",
        "--token 0fake1fake2fake3fake4 --verbose",
        "0fake1fake2fake3fake4",
    ),
    sample(
        "base64-secret",
        "c2stcHJvai1GYWtlMEZha2UxRmFrZTJGYWtlM0Zha2U0",
        "Zha2UxRmFrZTJGYWtl",
    ),
    sample(
        "private-key",
        "-----BEGIN PRIVATE KEY-----\nRmFrZUZha2VGYWtlRmFrZUZha2VGYWtlRmFrZUZha2VGYWtlRmFrZUZha2U=\nRmFrZUZh\n-----END PRIVATE KEY-----\n",
        "RmFrZUZh",
    ),
    sample(
        "private-key",
        "{\"pem\": \"-----BEGIN EC PRIVATE KEY-----\\nRmFrZUZha2VGYWtlRmFrZUZha2VGYWtl\\n-----END EC PRIVATE KEY-----\\n\"}",
        "RmFrZUZha2VGYWtlRmFrZUZha2VGYWtl",
    ),
    sample(
        "telegram-bot-token",
        "0000000001:AAFake0Fake1Fake2Fake3Fake4Fake5Fak",
        "Fake0Fake1Fake2Fake3Fake4Fake5Fak",
    ),
    sample("email", "jo.fake+log@mail.example.org", "jo.fake+log"),
    sample("payment-card", "4000 0000 0000 0002", "4000 0000 0000 0002"),
    sample("payment-card", "378282246310005", "378282246310005"),
    sample("us-ssn", "219-09-9999", "219-09-9999"),
    sample("phone-number", "+44 20 7946 0958", "7946 0958"),
    sample("phone-number", "(202) 555-0143", "555-0143"),
    sample(
        "iban",
        "DE02 1203 0000 0000 2020 51",
        "1203 0000 0000 2020 51",
    ),
    sample("ip-address", "203.0.113.77", "203.0.113.77"),
    sample("ip-address", "2001:db8::fa:ce01", "2001:db8::fa:ce01"),
    sample("es-nif", "00000014Z", "00000014Z"),
    sample(
        "kubernetes-string-data",
        "kind: Secret\nstringData:\n  greeting: fake words of mine # a remark\n",
        "fake words of mine",
    ),
    sample(
        "kubernetes-string-data",
        "stringData:\n  one: \"Fake-one\"\n  two: 'Fake-two'\n",
        "Fake-two",
    ),
    sample(
        "kubernetes-string-data",
        r#"{"kind":"Secret","stringData":{"first":"Fake-one","second":"Fake-two"}}"#,
        "Fake-two",
    ),
    sample(
        "kubernetes-string-data",
        r#"msg="applied {\"stringData\":{\"first\":\"Fake-one\"}}""#,
        "Fake-one",
    ),
    sample(
        "kubernetes-secret",
        r#"{"apiVersion":"v1","data":{"greeting.txt":"ZmFrZTpmYWtlLWZha2U="},"kind":"Secret"}"#,
        "ZmFrZTpmYWtlLWZha2U=",
    ),
    sample(
        "kubernetes-secret",
        r#"{"kind": "Secret", "data": {"one": "ZmFrZTpmYWtl", "two": "ZmFrZWZha2U0"}}"#,
        "ZmFrZWZha2U0",
    ),
    sample(
        "api-key",
        "GET https://api.example.com/v1/items?key=00000000-fa4e-4fa4-8fa4-00000000fa4e",
        "00000000-fa4e-4fa4-8fa4-00000000fa4e",
    ),
    sample(
        "cli-password",
        "mosquitto_pub -h broker -u sensor -P Fake-pass9 -t a",
        "Fake-pass9",
    ),
];

pub(crate) fn rules() -> Rules {
    Rules::new(&Options::default()).expect("the defaults are valid")
}

pub(crate) fn find(rules: &Rules, text: &str) -> Vec<Match> {
    let mut found = Vec::new();
    rules.find(text, &mut SourceState::default(), &mut found);
    found
}

fn apply(rules: &Rules, text: &str, masks: &[Match], shown: &mut String, last: &mut Option<u16>) {
    let mut from = 0;
    for mask in masks {
        if mask.start > from {
            shown.push_str(&text[from..mask.start]);
            *last = None;
        }
        // Touching masks of one kind are one marker, also across steps.
        if *last != Some(mask.kind) {
            shown.push_str(&format!(
                "[redacted:{}]",
                rules.kinds()[usize::from(mask.kind)]
            ));
        }
        *last = Some(mask.kind);
        from = mask.end;
    }
    if from < text.len() {
        shown.push_str(&text[from..]);
        *last = None;
    }
}

pub(crate) fn shown_whole(rules: &Rules, text: &str) -> String {
    let mut shown = String::new();
    apply(rules, text, &find(rules, text), &mut shown, &mut None);
    shown
}

pub(crate) fn shown_by_stream(rules: &Rules, deltas: &[&str]) -> String {
    let mut stream = Stream::new();
    let (mut shown, mut last, mut pending) = (String::new(), None, String::new());
    for at in 0..=deltas.len() {
        let mut masks = Vec::new();
        let release = match deltas.get(at) {
            Some(delta) => {
                pending.push_str(delta);
                stream.push(rules, delta, &mut masks)
            }
            None => stream.end(rules, true, &mut masks),
        };
        let rest = pending.split_off(release);
        apply(rules, &pending, &masks, &mut shown, &mut last);
        pending = rest;
    }
    assert!(pending.is_empty(), "left: {pending:?}");
    shown
}

pub(crate) fn private_key(lines: usize) -> String {
    let mut text = String::from("-----BEGIN RSA PRIVATE KEY-----\n");
    for _ in 0..lines {
        text.push_str("RmFrZUZha2VGYWtlRmFrZUZha2VGYWtlRmFrZUZha2VGYWtlRmFrZUZha2U0MDAw\n");
    }
    text.push_str("RmFrZQ==\n-----END RSA PRIVATE KEY-----\n");
    text
}

/// The seed of property tests: the same cases in every run, unless `PROPTEST_RNG_SEED` asks for others.
pub(crate) fn seed() -> proptest::test_runner::RngSeed {
    use proptest::test_runner::{Config, RngSeed};
    match Config::default().rng_seed {
        RngSeed::Random => RngSeed::Fixed(20),
        asked => asked,
    }
}
