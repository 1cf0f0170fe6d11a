//! The operator's settings, checked once and then closed.
//!
//! Every key and every value is checked before the policy is used: a setting that does nothing would be
//! a rule that its operator believes in.

use mini_llm_chat_redaction_rules::{OptionProblem as SecretProblem, Options as SecretOptions};

use crate::prompt::MOST_BYTES;
use crate::rules::{GROUPS, Group, RULES};

/// A setting's value, as in the contract's `settings` interface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A string.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

/// What a group of rules does when it is sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Refuses the prompt, cuts the answer, or masks.
    #[default]
    Deny,
    /// Reports findings only.
    Flag,
    /// Is not asked.
    Off,
}

/// What is wrong with a setting and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionProblem {
    /// Dotted key as it was given.
    pub key: String,
    /// At most 200 printable characters.
    pub message: String,
}

/// The score from which a prompt is refused, unless the settings say otherwise.
pub(crate) const THRESHOLD: u8 = 50;
const THRESHOLDS: core::ops::RangeInclusive<i64> = 20..=100;
const NAMES: &str = "mode, threshold, groups.NAME, rules.ID, system.text, system.append, \
    mask-personal-data, secrets.KEY as the redactor's";

/// Settings of the policy. [`Options::default`] is the strict built-in policy.
#[derive(Debug, Clone)]
pub struct Options {
    modes: [Mode; RULES.len()],
    pub(crate) threshold: u8,
    pub(crate) system_text: Option<String>,
    pub(crate) system_append: Option<String>,
    /// E-mail, phone and IP addresses: hidden in prompts and answers, in none, or, unset, in answers.
    pub(crate) mask_personal_data: Option<bool>,
    /// As those of the redactor, below `secrets`.
    pub(crate) secrets: SecretOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            modes: [Mode::Deny; RULES.len()],
            threshold: THRESHOLD,
            system_text: None,
            system_append: None,
            mask_personal_data: None,
            secrets: SecretOptions::default(),
        }
    }
}

impl Options {
    /// Reads flat settings: dotted key and value. A rule's mode stands above its group's, a group's
    /// above the general one, in whatever order they come.
    ///
    /// # Errors
    ///
    /// Every unknown key and every value out of range, in the order given.
    pub fn from_settings<'a>(
        settings: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<Self, Vec<OptionProblem>> {
        let mut reader = Reader::default();
        for (key, value) in settings {
            if let Err(message) = reader.read(key, value) {
                reader.problems.push(OptionProblem {
                    key: key.to_owned(),
                    message,
                });
            }
        }
        let secrets = reader.secrets.iter();
        let secrets = secrets.map(|(key, value)| (key.as_str(), value.as_str()));
        match SecretOptions::from_settings(secrets) {
            Ok(secrets) => reader.options.secrets = secrets,
            Err(problems) => reader.problems.extend(problems.into_iter().map(of_secrets)),
        }
        let mut options = reader.options;
        for (rule, mode) in options.modes.iter_mut().enumerate() {
            let group = Group::ALL
                .iter()
                .position(|(group, _)| *group == GROUPS[rule]);
            let of_group = group.and_then(|group| reader.groups[group]);
            *mode = reader.rules[rule].or(of_group).unwrap_or(reader.mode);
        }
        if reader.problems.is_empty() {
            Ok(options)
        } else {
            Err(reader.problems)
        }
    }

    pub(crate) fn mode(&self, rule: u16) -> Mode {
        self.modes
            .get(usize::from(rule))
            .copied()
            .unwrap_or_default()
    }
}

#[derive(Default)]
struct Reader {
    options: Options,
    mode: Mode,
    groups: [Option<Mode>; Group::ALL.len()],
    rules: [Option<Mode>; RULES.len()],
    /// What the redaction rules are told, under their own keys.
    secrets: Vec<(String, String)>,
    problems: Vec<OptionProblem>,
}

impl Reader {
    fn read(&mut self, key: &str, value: Value<'_>) -> Result<(), String> {
        let (head, rest) = key.split_once('.').unwrap_or((key, ""));
        match (head, rest) {
            ("mode", "") => self.mode = mode(value)?,
            ("threshold", "") => self.options.threshold = threshold(value)?,
            ("mask-personal-data", "") => match value {
                Value::Boolean(on) => self.options.mask_personal_data = Some(on),
                _ => return Err("must be true or false".to_owned()),
            },
            ("groups", name) => {
                let place = Group::ALL.iter().position(|(_, known)| *known == name);
                self.groups
                    [place.ok_or_else(|| unknown("group", Group::ALL.iter().map(|g| g.1)))?] =
                    Some(mode(value)?);
            }
            ("rules", id) => {
                let place = RULES.iter().position(|rule| rule.id == id);
                self.rules
                    [place.ok_or("unknown rule; `plugins inspect prompt-policy` lists them")?] =
                    Some(mode(value)?);
            }
            ("system", "text") => self.options.system_text = Some(prompt_text(value)?),
            ("system", "append") => self.options.system_append = Some(prompt_text(value)?),
            ("secrets", rest) => self.secrets.push((rest.to_owned(), written(value))),
            _ => return Err(format!("unknown setting; known: {NAMES}")),
        }
        Ok(())
    }
}

/// A problem of the redaction rules' options, under this policy's key.
pub(crate) fn of_secrets(problem: SecretProblem) -> OptionProblem {
    OptionProblem {
        key: format!("secrets.{}", problem.key),
        message: problem.message,
    }
}

/// A value as the redaction rules read it.
fn written(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(on) => on.to_string(),
    }
}

fn unknown(what: &str, names: impl Iterator<Item = &'static str>) -> String {
    let mut message = format!(
        "unknown {what}; known: {}",
        names.collect::<Vec<_>>().join(", ")
    );
    message.truncate(200);
    message
}

fn mode(value: Value<'_>) -> Result<Mode, String> {
    match value {
        Value::Text("deny") => Ok(Mode::Deny),
        Value::Text("flag") => Ok(Mode::Flag),
        Value::Text("off") => Ok(Mode::Off),
        _ => Err("must be \"deny\", \"flag\" or \"off\"".to_owned()),
    }
}

fn threshold(value: Value<'_>) -> Result<u8, String> {
    match value {
        Value::Integer(points) if THRESHOLDS.contains(&points) => {
            u8::try_from(points).map_err(|error| error.to_string())
        }
        _ => Err(format!(
            "must be a whole number from {} to {}",
            THRESHOLDS.start(),
            THRESHOLDS.end()
        )),
    }
}

fn text(value: Value<'_>) -> Result<String, String> {
    match value {
        Value::Text(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err("must be a text that is not empty".to_owned()),
    }
}

fn prompt_text(value: Value<'_>) -> Result<String, String> {
    let text = text(value)?;
    // Two texts and the canary have to fit the contract's limit together.
    if text.len() > MOST_BYTES / 2 {
        return Err(format!("must be at most {} bytes", MOST_BYTES / 2));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{EXTRACTION, OVERRIDE, PERSONA};

    #[test]
    fn the_nearest_mode_wins_in_any_order() {
        let options = Options::from_settings([
            ("rules.instruction-override", Value::Text("deny")),
            ("groups.override", Value::Text("off")),
            ("groups.persona", Value::Text("off")),
            ("mode", Value::Text("flag")),
        ]);
        let modes = options.map(|o| [OVERRIDE, PERSONA, EXTRACTION].map(|rule| o.mode(rule)));
        assert_eq!(modes, Ok([Mode::Deny, Mode::Off, Mode::Flag]));
    }

    #[test]
    fn secrets_take_the_settings_of_the_redactor() {
        let options = Options::from_settings([
            ("secrets.off.0", Value::Text("email")),
            ("secrets.keep-last", Value::Integer(4)),
            ("secrets.patterns.0.name", Value::Text("ticket")),
            ("secrets.patterns.0.regex", Value::Text("TICKET-[0-9]+")),
            ("secrets.allow-patterns.0", Value::Text("demo-.*")),
        ]);
        let secrets = options.map(|options| options.secrets).unwrap_or_default();
        assert_eq!((secrets.off.len(), secrets.keep_last), (1, 4));
        assert_eq!(secrets.patterns[0].name, "ticket");
        assert_eq!(secrets.allow_patterns, ["demo-.*"]);
    }

    #[test]
    fn every_wrong_setting_is_named() {
        let wrong = [
            ("mode", Value::Boolean(true)),
            ("threshold", Value::Integer(101)),
            ("threshold", Value::Integer(19)),
            ("threshold", Value::Number(60.0)),
            ("groups.unknown", Value::Text("deny")),
            ("rules.unknown", Value::Text("deny")),
            ("system.text", Value::Text("")),
            ("thresold", Value::Integer(60)),
            ("secrets.off.x", Value::Text("email")),
        ];
        let problems = Options::from_settings(wrong).err().unwrap_or_default();
        assert_eq!(
            problems.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(),
            wrong.map(|(key, _)| key)
        );
        for problem in problems {
            assert!(problem.message.len() <= 200, "{}", problem.message);
        }
    }
}
