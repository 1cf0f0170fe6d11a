//! The words that telling names end in, and those that only look like them.

use super::Strength;
use super::tails::Tails;

/// Words that names of one strength end in.
pub(super) struct Group {
    pub(super) strength: Strength,
    /// They count as a whole part of the name only, because other words end in them.
    pub(super) whole: bool,
    words: &'static [&'static [u8]],
}

/// Telling words; the first one that fits counts. Passwords are named in the languages of the logs that we know.
pub(super) const GROUPS: &[Group] = &[
    Group {
        strength: Strength::Password,
        whole: false,
        words: &[
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
            b"storepass",
            b"keypass",
            b"dbpass",
        ],
    },
    Group {
        strength: Strength::Password,
        whole: true,
        words: &[
            b"pwd", b"pass", b"pw", b"psw", b"psk", b"wpa_key", b"clave", b"sifre",
        ],
    },
    Group {
        strength: Strength::Secret,
        whole: false,
        words: &[b"secret", b"credential", b"credentials"],
    },
    Group {
        strength: Strength::Secret,
        whole: true,
        words: &[b"secrets", b"secret_id", b"creds", b"cred"],
    },
    Group {
        strength: Strength::Token,
        whole: false,
        words: &[b"token"],
    },
    Group {
        strength: Strength::Token,
        whole: true,
        words: &[
            b"pat",
            b"jwt",
            b"bearer",
            b"auth",
            b"authtok",
            b"authorization",
        ],
    },
    Group {
        strength: Strength::Key,
        whole: false,
        words: &[
            b"apikey",
            b"accesskey",
            b"secretkey",
            b"privatekey",
            b"authkey",
            b"accountkey",
            b"appkey",
        ],
    },
    Group {
        strength: Strength::Key,
        whole: true,
        words: &[
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
        ],
    },
    // Names that alone say little.
    Group {
        strength: Strength::Weak,
        whole: true,
        words: &[
            b"key",
            b"sid",
            b"session",
            b"session_id",
            b"cookie",
            b"signature",
            b"sig",
            b"salt",
            b"seed",
            b"pin",
            b"keys",
        ],
    },
    Group {
        strength: Strength::Weak,
        whole: false,
        words: &[b"sessid", b"sessionid"],
    },
];
const TELLING_COUNT: usize = count();
/// The words of [`GROUPS`], each with its place there.
pub(super) static TELLING: Tails<TELLING_COUNT> = Tails::new(telling());

const fn count() -> usize {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        count += GROUPS[group].words.len();
        group += 1;
    }
    count
}

const fn telling() -> [(&'static [u8], u8); TELLING_COUNT] {
    let mut all: [(&[u8], u8); TELLING_COUNT] = [(b"", 0); TELLING_COUNT];
    let (mut to, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut at = 0;
        while at < GROUPS[group].words.len() {
            all[to] = (GROUPS[group].words[at], group as u8);
            to += 1;
            at += 1;
        }
        group += 1;
    }
    all
}

/// What is appended to names without making them others.
pub(super) static QUALIFIERS: Tails<25> = Tails::of([
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
]);

/// What makes a token or key a public or a technical one.
pub(super) static NOT: Tails<63> = Tails::of([
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
]);
