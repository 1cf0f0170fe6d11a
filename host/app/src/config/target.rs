//! One question to the readers of settings for any bytes: asked by the property tests here, and by the fuzzer in `fuzz/`.

use std::path::Path;

use super::file::ConfigFile;
use super::source::TABLE;
use super::{dotenv, models, value};

/// Whatever stands in a config file, an environment file or a value: it is read, or one sentence says what is wrong. The
/// first byte says which of them it is.
///
/// # Panics
/// When a reader panics, or the sentence is none.
pub(super) fn settings(input: &[u8]) {
    let Some((&reader, bytes)) = input.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    match reader % 3 {
        0 => match ConfigFile::parse(Path::new("c.toml"), &text) {
            Ok(file) => rest_of_file(&file),
            Err(failure) => one_sentence(&failure.message),
        },
        1 => {
            if let Err(failure) = dotenv::parse("c.env", &text) {
                one_sentence(&failure.message);
            }
        }
        _ => values(&text),
    }
}

/// What is looked at only after the file was read.
fn rest_of_file(file: &ConfigFile) {
    for row in TABLE.iter().filter(|row| !row.file.is_empty()) {
        if let Some(text) = file.get(row) {
            values(&text);
        }
    }
    let _ = models::prices(&file.models, true);
    let _ = models::dialects(&file.models);
    let _ = models::context_tokens(&file.models, "*");
}

fn values(text: &str) {
    let refusals = [
        value::at_least_one(text).err(),
        value::quota(text).err(),
        value::yes_or_no(text).err(),
        value::port(text).err(),
        value::characters(text).err(),
        value::seconds(text).err(),
        value::seconds_or_zero(text).err(),
        value::timeout(text).err(),
        value::temperature(text).err(),
        value::model_name(text).err(),
        value::expiry(text).err(),
        value::age(text).err(),
    ];
    refusals
        .iter()
        .flatten()
        .for_each(|reason| one_sentence(reason));
    match value::base_url(text) {
        Ok(url) => {
            assert!(url.has_host() && url.username().is_empty() && url.password().is_none());
            let _ = value::is_openai(&url);
            let _ = value::is_loopback(&url);
            let _ = value::check_key(text, &url);
        }
        Err(reason) => one_sentence(&reason),
    }
    let bounds = value::timeout(text).map(|time| time.as_millis());
    assert!(bounds.is_err() || bounds.is_ok_and(|time| (1..=86_400_000).contains(&time)));
    assert!(value::temperature(text).is_err() || text.parse().is_ok_and(|t: f32| t.is_finite()));
}

fn one_sentence(message: &str) {
    assert!(!message.trim().is_empty(), "a refusal says why");
    assert!(
        !message.contains(['\n', '\r']),
        "a refusal is one line: {message:?}"
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Words that mean something in a config file, and numbers at the ends of their types.
    fn line() -> impl Strategy<Value = String> {
        let keys: Vec<&str> = TABLE
            .iter()
            .map(|row| row.file)
            .filter(|key| !key.is_empty())
            .chain([
                "models.a.prompt_price",
                "model.fallbacks",
                "log.targets.x",
                "plugins.p.grants",
                "[models.a]",
            ])
            .collect();
        let value = prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| format!("{number:?}")),
            prop::sample::select(vec![
                "nan",
                "-inf",
                "true",
                "0",
                "-0.0",
                "1e400",
                "0x7fff_ffff_ffff_ffff",
                "9223372036854775808",
                "[]",
                "[[]]",
                "{}",
                "{ a = 1 }",
                "1979-05-27T07:32:00Z",
                "'''\n'''",
                "\"\\u0000\"",
                "\"\\x\"",
                "''",
            ])
            .prop_map(str::to_owned),
            "\\PC{0,20}".prop_map(|text| format!("'{text}'")),
            any::<String>(),
        ];
        let key = prop_oneof![4 => prop::sample::select(keys).prop_map(str::to_owned), 1 => any::<String>()];
        (key, value).prop_map(|(key, value)| format!("{key} = {value}\n"))
    }

    fn asked(reader: u8, text: &str) {
        settings(&[&[reader][..], text.as_bytes()].concat());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

        #[test]
        fn any_config_file_is_read_or_refused_in_one_line(lines in prop::collection::vec(line(), 0..6)) {
            asked(0, &lines.concat());
        }

        #[test]
        fn any_environment_file_is_read_or_refused_in_one_line(
            text in prop_oneof![any::<String>(), "([A-Z_]{1,5}=['\"$\\\\#a \n]{0,8}\n){0,4}"],
        ) {
            asked(1, &text);
        }

        #[test]
        fn any_value_is_read_or_refused_in_one_line(
            text in prop_oneof![
                any::<String>(), any::<f64>().prop_map(|number| number.to_string()),
                any::<i128>().prop_map(|number| number.to_string()), "[0-9]{1,24}[smhdx]", "https?://\\PC{0,24}",
            ],
        ) {
            asked(2, &text);
        }

        #[test]
        fn bytes_that_are_no_text_too(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            settings(&bytes);
        }
    }
}
