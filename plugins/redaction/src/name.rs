//! Which names tell that a secret stands beside them, and how surely.

use crate::anchor::structural;
use crate::class::WORD;
use crate::scan::Input;

/// How much a name says about the value beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// People make these up: short values and words count.
    Password,
    /// Machines make these: the value must look random.
    Secret,
    Token,
    Key,
    /// The name alone says little: the value must be long and random.
    Weak,
    /// Bundler keeps `user:password` under a host's name.
    Bundler,
}

const PASSWORD: u16 = structural("password");
const SECRET: u16 = structural("secret");
const TOKEN: u16 = structural("token");
const KEY: u16 = structural("api-key");
const COOKIE: u16 = structural("cookie");
const BUNDLER: u16 = structural("bundler-credentials");

impl Strength {
    pub(crate) fn kind(self) -> u16 {
        match self {
            Self::Password => PASSWORD,
            Self::Secret => SECRET,
            Self::Token => TOKEN,
            Self::Key => KEY,
            Self::Weak => COOKIE,
            Self::Bundler => BUNDLER,
        }
    }
}

/// The last three letters of telling names and of what is appended to them.
const ENDINGS: &[&[u8; 3]] = &[
    b"ord", b"swd", b"pwd", b"ase", b"ode", b"ort", b"ena", b"nha", b"sse", b"ass", b"psw", b"pin",
    b"ret", b"ets", b"ken", b"key", b"ial", b"als", b"eds", b"red", b"uth", b"eed", b"pat", b"jwt",
    b"sid", b"ion", b"kie", b"ure", b"sig", b"rod", b"dev", b"est", b"ing", b"ive", b"lue", b"ult",
    b"old", b"new", b"ent", b"ain", b"ary", b"b64", b"e64", b"hex", b"raw", b"_id", b"psk", b"_pw",
    b"com", b"org", b"net", b"eys", b"alt", b"rds", b"slo", b"tid", b"rer", b"tag", b"unt", b"lla",
    b"olo", b"rol", b"ens", b"nid", b"ata",
];

const FILTER: [u64; 64] = filter();

const fn slot(ending: [u8; 3]) -> (usize, u32) {
    let hash = ((ending[0] as usize & 31) << 7)
        ^ ((ending[1] as usize & 31) << 4)
        ^ (ending[2] as usize & 31)
        ^ ((ending[2] as usize & 31) << 8);
    let hash = hash & 4095;
    (hash >> 6, (hash & 63) as u32)
}

const fn filter() -> [u64; 64] {
    let mut table = [0u64; 64];
    let mut at = 0;
    while at < ENDINGS.len() {
        let (word, bit) = slot(*ENDINGS[at]);
        table[word] |= 1 << bit;
        at += 1;
    }
    table
}

/// A cheap test that turns most words away.
#[inline]
pub(crate) fn may_end_name(word: &[u8]) -> bool {
    // Most words end in a letter and in no ending that tells.
    if let [.., first, second, third] = *word
        && !third.is_ascii_digit()
    {
        let (at, bit) = slot([first, second, third]);
        crate::count::steps(1);
        return FILTER[at] >> bit & 1 == 1;
    }
    let mut end = word.len();
    while end > 0 && word[end - 1].is_ascii_digit() && word.len() - end < 3 {
        end -= 1;
    }
    let exact = |end: usize| match word.get(end.wrapping_sub(3)..end) {
        Some(&[first, second, third]) => {
            let (at, bit) = slot([first, second, third]);
            FILTER[at] >> bit & 1 == 1
        }
        _ => word.len() == 2 && word.eq_ignore_ascii_case(b"pw"),
    };
    crate::count::steps(2);
    exact(end) || (end != word.len() && exact(word.len()))
}

/// A name in lower case, its parts joined by single underscores.
struct Normal {
    bytes: [u8; 96],
    length: usize,
}

impl Normal {
    fn of(name: &[u8]) -> Self {
        let mut normal = Self {
            bytes: [0; 96],
            length: 0,
        };
        for (at, &byte) in name.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| name[at]);
            let after = name.get(at + 1);
            let starts_part = byte.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    before.is_ascii_lowercase()
                        || before.is_ascii_digit()
                        || (before.is_ascii_uppercase()
                            && after.is_some_and(u8::is_ascii_lowercase))
                });
            if starts_part {
                normal.push(b'_');
            }
            normal.push(if byte.is_ascii_alphanumeric() {
                byte.to_ascii_lowercase()
            } else {
                b'_'
            });
        }
        crate::count::steps(name.len());
        normal
    }

    fn push(&mut self, byte: u8) {
        let doubled = byte == b'_' && (self.length == 0 || self.bytes[self.length - 1] == b'_');
        if !doubled && self.length < self.bytes.len() {
            self.bytes[self.length] = byte;
            self.length += 1;
        }
    }

    fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// `text` ends with `tail`. Most do not, which the last byte shows.
fn ends_in(text: &[u8], tail: &[u8]) -> bool {
    text.last() == tail.last() && text.ends_with(tail)
}

/// `text` ends with the part `tail`.
fn ends(text: &[u8], tail: &[u8]) -> bool {
    if text.last() != tail.last() {
        return false;
    }
    text.strip_suffix(tail)
        .is_some_and(|head| head.is_empty() || head.ends_with(b"_"))
}

const QUALIFIERS: &[&[u8]] = &[
    b"prod",
    b"production",
    b"dev",
    b"test",
    b"testing",
    b"staging",
    b"stage",
    b"live",
    b"base",
    b"value",
    b"default",
    b"old",
    b"new",
    b"current",
    b"main",
    b"primary",
    b"secondary",
    b"b64",
    b"base64",
    b"hex",
    b"raw",
    b"plain",
    b"plaintext",
    b"data",
    b"string",
];

/// Names that people give to passwords, in the languages of the logs that we know.
const PASSWORDS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"passwort",
    b"kennwort",
    b"contrasena",
    b"senha",
    b"motdepasse",
    b"mot_de_passe",
    b"wachtwoord",
    b"parola",
    b"lozinka",
    b"losenord",
    b"salasana",
    b"haslo",
    b"heslo",
    b"passwords",
    b"requirepass",
    b"masterauth",
    b"sshpass",
    b"userpass",
    b"dbpass",
];

const SHORT_PASSWORDS: &[&[u8]] = &[
    b"pwd", b"pass", b"pw", b"psw", b"psk", b"wpa_key", b"clave", b"sifre",
];

const KEYS: &[&[u8]] = &[
    b"api_key",
    b"access_key",
    b"secret_key",
    b"private_key",
    b"auth_key",
    b"signing_key",
    b"encryption_key",
    b"master_key",
    b"account_key",
    b"shared_key",
    b"service_key",
    b"admin_key",
    b"app_key",
    b"application_key",
    b"storage_key",
    b"session_key",
    b"security_key",
    b"deploy_key",
    b"webhook_key",
    b"integration_key",
    b"license_key",
    b"jwt_key",
    b"hmac_key",
    b"crypt_key",
    b"crypto_key",
    b"root_key",
    b"subscription_key",
    b"functions_key",
    b"function_key",
    b"host_key",
    b"user_key",
    b"client_key",
    b"server_key",
    b"write_key",
    b"read_key",
    b"ingest_key",
    b"global_key",
    b"ca_key",
    b"personal_key",
    b"team_key",
    b"org_key",
    b"project_key",
    b"provisioning_key",
    b"registration_key",
    b"preshared_key",
    b"decryption_key",
    b"cookie_key",
    b"csrf_key",
    b"hash_key",
    b"live_key",
    b"test_key",
    b"sandbox_key",
    b"merchant_key",
    b"publishable_key",
    b"consumer_key",
    b"developer_key",
    b"integrator_key",
    b"management_key",
    b"data_key",
    b"key_secret",
    b"access_key_id",
];

/// What makes a token or key a public or a technical one.
const NOT: &[&[u8]] = &[
    b"public_key",
    b"primary_key",
    b"foreign_key",
    b"partition_key",
    b"sort_key",
    b"cache_key",
    b"idempotency_key",
    b"bucket_key",
    b"object_key",
    b"group_key",
    b"dedup_key",
    b"row_key",
    b"sharding_key",
    b"routing_key",
    b"next_token",
    b"page_token",
    b"continuation_token",
    b"cancellation_token",
    b"sync_token",
    b"eos_token",
    b"bos_token",
    b"pad_token",
    b"unk_token",
    b"sep_token",
    b"cls_token",
    b"mask_token",
    b"stop_token",
    b"special_token",
    b"first_token",
    b"last_token",
    b"num_token",
    b"max_token",
    b"min_token",
    b"per_token",
    b"start_token",
    b"end_token",
    b"not_secret",
    b"no_password",
    b"forgot_password",
    b"reset_password",
    b"change_password",
    b"show_password",
    b"confirm_key",
    b"translation_key",
    b"i18n_key",
    b"message_key",
    b"map_key",
    b"hot_key",
    b"by_key",
    b"order_key",
    b"sequence_key",
    b"invalid_token",
    b"expected_token",
    b"unexpected_token",
    b"keyword_token",
    b"public_token_key",
    b"password_key",
    b"image_key",
    b"file_key",
    b"issue_key",
    b"jira_key",
    b"kms_key",
    b"ssh_public_key",
];

/// Classifies the name in `start..end`.
pub(crate) fn classify(input: &Input<'_>, start: usize, end: usize) -> Option<Strength> {
    let name = &input.bytes[start..end];
    if name.starts_with(b"BUNDLE_") && name.windows(2).any(|pair| pair == b"__") {
        return Some(Strength::Bundler);
    }
    let normal = Normal::of(name);
    let mut text = normal.text();
    loop {
        let trimmed = text.len()
            - text
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_digit() || **byte == b'_')
                .count();
        let shorter = &text[..trimmed];
        let stripped = QUALIFIERS.iter().find_map(|tail| {
            if shorter.last() != tail.last() {
                return None;
            }
            let head = shorter.strip_suffix(*tail)?;
            head.strip_suffix(b"_").filter(|head| head.len() >= 3)
        });
        match stripped {
            Some(head) => text = head,
            None => {
                if !ends(text, b"base64") && !ends(text, b"b64") {
                    text = shorter;
                }
                break;
            }
        }
    }
    if NOT.iter().any(|tail| ends(text, tail)) {
        return None;
    }
    let strength = direct(text);
    if strength.is_some() && !matches!(strength, Some(Strength::Weak)) {
        return strength;
    }
    // `api key` and `access token` as two words of a sentence or a label.
    if text == b"key" || text == b"code" || text == b"id" {
        let wider = previous_word(input, start)?;
        let normal = Normal::of(&input.bytes[wider..end]);
        return match direct(normal.text()) {
            Some(Strength::Weak) | None => {
                if NOT.iter().any(|tail| ends(normal.text(), tail)) {
                    None
                } else {
                    strength
                }
            }
            found => found,
        };
    }
    strength
}

fn direct(text: &[u8]) -> Option<Strength> {
    if PASSWORDS.iter().any(|tail| ends_in(text, tail))
        || SHORT_PASSWORDS.iter().any(|tail| ends(text, tail))
    {
        return Some(Strength::Password);
    }
    if ends_in(text, b"secret")
        || ends(text, b"secrets")
        || ends(text, b"secret_id")
        || ends(text, b"client_secret")
    {
        return Some(Strength::Secret);
    }
    if ends_in(text, b"credential")
        || ends_in(text, b"credentials")
        || ends(text, b"creds")
        || ends(text, b"cred")
    {
        return Some(Strength::Secret);
    }
    if ends_in(text, b"token")
        || ends(text, b"pat")
        || ends(text, b"jwt")
        || ends(text, b"bearer")
        || ends(text, b"auth")
        || ends(text, b"authtok")
        || ends(text, b"authorization")
    {
        return Some(Strength::Token);
    }
    if (ends(text, b"seed") || ends(text, b"secret"))
        && [b"otp".as_slice(), b"mfa", b"2fa", b"wallet", b"hd"]
            .iter()
            .any(|part| crate::shape::contains(text, part))
    {
        return Some(Strength::Secret);
    }
    if ends_in(text, b"apikey")
        || ends_in(text, b"accesskey")
        || ends_in(text, b"secretkey")
        || ends_in(text, b"privatekey")
        || ends_in(text, b"authkey")
        || ends_in(text, b"accountkey")
        || ends_in(text, b"appkey")
    {
        return Some(Strength::Key);
    }
    if KEYS.iter().any(|tail| ends(text, tail)) {
        return Some(Strength::Key);
    }
    let weak: &[&[u8]] = &[
        b"key",
        b"sid",
        b"session",
        b"sessid",
        b"session_id",
        b"sessionid",
        b"cookie",
        b"signature",
        b"sig",
        b"salt",
        b"seed",
        b"pin",
        b"keys",
    ];
    if weak.iter().any(|tail| ends(text, tail))
        || ends_in(text, b"sessionid")
        || ends_in(text, b"sessid")
    {
        return Some(Strength::Weak);
    }
    None
}

/// Where the word before the one at `start` begins, if one blank separates them.
fn previous_word(input: &Input<'_>, start: usize) -> Option<usize> {
    let least = input.floor.max(start.saturating_sub(24)).min(start);
    let mut at = start.checked_sub(1)?;
    if at <= least || input.bytes[at] != b' ' {
        return None;
    }
    while at > least && WORD.has(input.bytes[at - 1]) {
        at -= 1;
    }
    crate::count::steps(start - at);
    (at + 1 < start).then_some(at)
}
