//! Everything else that people buy by the month: documents, identity, maps, forms, developer tools.

use super::{Row, row, sized};
use crate::class::{
    ALNUM, ALNUM_DASH, BASE64_ANY, EXCLAMATION, HEX, HEX_DASH, PIPE, Set, URL64, URL64_DOT,
    URL64_EQ, WORD,
};
use crate::shape::{dotted, letters, mixed};

pub(crate) const ROWS: &[Row] = &[
    row("notion-token", "secret_", ALNUM, 40, letters),
    row("notion-token", "ntn_", ALNUM, 40, letters),
    row("figma-token", "figd_", URL64, 30, letters),
    row("figma-token", "figo_", URL64, 30, letters),
    row("figma-token", "figu_", URL64, 30, letters),
    row("figma-token", "figoh_", URL64, 30, letters),
    row("figma-token", "figor_", URL64, 30, letters),
    row("figma-token", "figuh_", URL64, 30, letters),
    row("figma-token", "figur_", URL64, 30, letters),
    row("clickup-token", "pk_", WORD, 36, clickup),
    row("airtable-pat", "pat", URL64_DOT, 60, airtable),
    row("contentful-pat", "CFPAT-", URL64, 36, mixed),
    row("typeform-token", "tfp_", URL64_DOT, 40, mixed),
    row("frameio-token", "fio-u-", URL64, 40, mixed),
    row("settlemint-token", "sm_aat_", ALNUM, 14, mixed),
    row("settlemint-token", "sm_pat_", ALNUM, 14, mixed),
    row("settlemint-token", "sm_sat_", ALNUM, 14, mixed),
    row("hubspot-token", "pat-na", HEX_DASH, 30, mixed),
    row("hubspot-token", "pat-eu", HEX_DASH, 30, mixed),
    row("hubspot-token", "pat-ap", HEX_DASH, 30, mixed),
    row("dropbox-token", "sl.", URL64, 100, mixed),
    row("dropbox-token", "sl.u.", URL64, 100, mixed),
    row("intra42-secret", "s-s4t2ud-", HEX, 40, mixed),
    row("intra42-secret", "s-s4t2af-", HEX, 40, mixed),
    row("adobe-client-secret", "p8e-", ALNUM_DASH, 28, mixed),
    row("wakatime-key", "waka_", HEX_DASH, 30, mixed),
    row("wakatime-key", "waka_tok_", URL64, 30, mixed),
    row("ubidots-token", "BBFF-", ALNUM, 28, mixed),
    row("defined-token", "dnkey-", URL64, 40, mixed),
    row("mapbox-secret-token", "sk.eyJ", URL64_DOT, 60, mixed),
    row("jumpcloud-key", "jca_", ALNUM, 30, mixed),
    row("salesforce-token", "00D", SALESFORCE, 80, salesforce),
    row("zuplo-api-key", "zpka_", WORD, 30, mixed),
    row("unkey-root-key", "unkey_", ALNUM, 16, mixed),
    row("svix-token", "testsk_", URL64_DOT, 24, mixed),
    row("ory-token", "ory_pat_", ALNUM, 24, letters),
    row("ory-token", "ory_at_", URL64_DOT, 40, mixed),
    row("ory-token", "ory_rt_", URL64_DOT, 40, mixed),
    row("ory-token", "ory_st_", ALNUM, 24, letters),
    row("stytch-secret", "secret-live-", URL64_EQ, 24, mixed),
    row("stytch-secret", "secret-test-", URL64_EQ, 24, mixed),
    row("keygen-token", "prod-", HEX, 60, mixed),
    row("keygen-token", "admin-", HEX, 60, mixed),
    row("keygen-token", "activ-", HEX, 60, mixed),
    row("liveblocks-secret-key", "sk_prod_lb_", URL64, 20, mixed),
    row("liveblocks-secret-key", "sk_dev_", URL64, 30, mixed),
    row("convex-deploy-key", "prod:", DEPLOY, 40, convex),
    row("trigger-dev-key", "tr_prod_", ALNUM, 18, mixed),
    row("trigger-dev-key", "tr_dev_", ALNUM, 18, mixed),
    row("trigger-dev-key", "tr_pat_", ALNUM, 18, mixed),
    row("inngest-signing-key", "signkey-", URL64, 30, mixed),
    row("dub-api-key", "dub_", ALNUM, 20, mixed),
    row("cal-com-key", "cal_live_", HEX, 28, mixed),
    row("kaggle-token", "KGAT_", HEX, 28, mixed),
    row(
        "roblox-session-cookie",
        "_|WARNING:-DO-NOT-SHARE-THIS",
        ROBLOX,
        100,
        mixed,
    ),
    row("scale-api-key", "scaleint_", WORD, 24, mixed),
    row("scale-api-key", "live_scale_", WORD, 20, mixed),
    sized("okta-api-token", "00", URL64, 40, 40, okta),
    row("zoho-access-token", "1000.", URL64_DOT, 60, dotted),
    row("lambdatest-key", "LT_", ALNUM, 40, mixed),
];

const SALESFORCE: Set = URL64_DOT.and(EXCLAMATION);
const ROBLOX: Set = URL64_DOT.and(EXCLAMATION).and(PIPE);
const DEPLOY: Set = BASE64_ANY.and(PIPE);

/// Digits, an underscore, then 32 upper-case alphanumerics.
fn clickup(body: &[u8]) -> bool {
    let digits = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits >= 5 && body.get(digits) == Some(&b'_') && body.len() >= digits + 30
}

/// Fourteen characters, a dot, then 64 hexadecimal digits.
fn airtable(body: &[u8]) -> bool {
    body.get(14) == Some(&b'.')
        && body.len() >= 60
        && body[15..60].iter().all(|&byte| HEX.has(byte))
}

/// The rest of the organisation's id, an exclamation mark, then the session.
fn salesforce(body: &[u8]) -> bool {
    body.iter().take(16).any(|&byte| byte == b'!')
}

/// A deployment's name, a bar, then base64.
fn convex(body: &[u8]) -> bool {
    body.contains(&b'|') && mixed(body)
}

/// Forty random characters of both cases after `00`.
fn okta(body: &[u8]) -> bool {
    letters(body)
        && body.iter().any(u8::is_ascii_uppercase)
        && body.iter().any(|byte| matches!(byte, b'g'..=b'z'))
}
