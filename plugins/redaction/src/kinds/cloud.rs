//! Clouds, platforms to deploy on, stores of secrets, and databases as a service.

use super::{Row, row, sized};
use crate::class::{
    ALNUM, ALNUM_DASH, BASE64, BASE64_ANY, HEX, HEX_DASH, LOWNUM, UPNUM, URL64, URL64_DOT,
    URL64_DOT_EQ, WORD,
};
use crate::shape::{any, dotted, letters, mixed, random, sure};

fn upper_random(body: &[u8]) -> bool {
    any(body) && crate::shape::distinct(body) >= 6
}

pub(crate) const ROWS: &[Row] = &[
    sized("aws-access-key-id", "AKIA", UPNUM, 16, 16, upper_random),
    sized("aws-access-key-id", "ASIA", UPNUM, 16, 16, upper_random),
    sized("aws-access-key-id", "ABIA", UPNUM, 16, 16, upper_random),
    sized("aws-access-key-id", "ACCA", UPNUM, 16, 16, upper_random),
    row("aws-session-token", "IQoJb3JpZ2lu", BASE64, 60, mixed),
    row("aws-session-token", "FwoGZXIvYXdz", BASE64, 60, mixed),
    row("aws-session-token", "FQoGZXIvYXdz", BASE64, 60, mixed),
    row("aws-session-token", "FQoDYXdz", BASE64, 60, mixed),
    row("aws-bedrock-api-key", "ABSK", BASE64, 80, mixed),
    row("aws-bedrock-api-key", "bedrock-api-key-", BASE64, 60, mixed),
    row("aws-mws-auth-token", "amzn.mws.", HEX_DASH, 30, mixed),
    row("gcp-api-key", "AIza", URL64, 30, letters),
    row("gcp-oauth-token", "ya29.", URL64, 20, mixed),
    row("gcp-refresh-token", "1//0", URL64, 30, mixed),
    row("gcp-client-secret", "GOCSPX-", URL64, 20, letters),
    row("gcp-hmac-key", "GOOG1", UPNUM, 40, mixed),
    row("firebase-server-key", "AAAA", URL64_FIREBASE, 100, firebase),
    row("alibaba-access-key-id", "LTAI", ALNUM, 12, mixed),
    row("tencent-secret-id", "AKID", ALNUM, 28, letters),
    row("digitalocean-pat", "dop_v1_", HEX, 40, mixed),
    row("digitalocean-oauth-token", "doo_v1_", HEX, 40, mixed),
    row("digitalocean-refresh-token", "dor_v1_", HEX, 40, mixed),
    sized("scaleway-access-key", "SCW", UPNUM, 17, 17, upper_random),
    row("yandex-iam-token", "t1.", URL64_DOT_EQ, 60, dotted),
    row("yandex-api-key", "AQVN", URL64, 34, letters),
    row("yandex-oauth-token", "y0_", URL64, 40, mixed),
    row("yandex-aws-access-key", "YCA", URL64, 38, letters),
    row("cloudflare-origin-ca-key", "v1.0-", HEX_DASH, 100, mixed),
    row("cloudflare-api-token", "cfut_", URL64, 30, mixed),
    row("cloudflare-api-token", "cfat_", URL64, 30, mixed),
    row("cloudflare-api-key", "cfk_", URL64, 30, mixed),
    row("fly-api-token", "fo1_", URL64, 30, letters),
    row("fly-api-token", "fm1r_", BASE64_ANY, 60, mixed),
    row("fly-api-token", "fm1a_", BASE64_ANY, 60, mixed),
    row("fly-api-token", "fm2_", BASE64_ANY, 60, mixed),
    row("heroku-api-key", "HRKU-", URL64, 30, mixed),
    row("vercel-token", "vcp_", ALNUM, 24, mixed),
    row("vercel-token", "vci_", ALNUM, 24, mixed),
    row("vercel-token", "vca_", ALNUM, 24, mixed),
    row("vercel-token", "vcr_", ALNUM, 24, mixed),
    row("vercel-blob-token", "vercel_blob_rw_", WORD, 30, mixed),
    row("netlify-token", "nfp_", ALNUM, 36, letters),
    row("netlify-token", "nfo_", ALNUM, 36, letters),
    row("netlify-token", "nfb_", ALNUM, 36, letters),
    row("netlify-token", "nfc_", ALNUM, 36, letters),
    row("netlify-token", "nfu_", ALNUM, 36, letters),
    row("render-api-key", "rnd_", ALNUM, 24, letters),
    row("supabase-token", "sbp_", HEX, 36, mixed),
    row("supabase-secret-key", "sb_secret_", URL64, 20, letters),
    row("neon-api-key", "napi_", LOWNUM, 40, mixed),
    row("planetscale-password", "pscale_pw_", URL64_DOT, 30, mixed),
    row("planetscale-token", "pscale_tkn_", URL64_DOT, 30, mixed),
    row(
        "planetscale-oauth-token",
        "pscale_oauth_",
        URL64_DOT,
        30,
        mixed,
    ),
    row("doppler-token", "dp.pt.", ALNUM, 36, mixed),
    row("doppler-token", "dp.ct.", ALNUM, 36, mixed),
    row("doppler-token", "dp.sa.", ALNUM, 36, mixed),
    row("doppler-token", "dp.st.", URL64_DOT, 36, mixed),
    row("doppler-token", "dp.said.", ALNUM, 36, mixed),
    row("doppler-token", "dp.scim.", ALNUM, 36, mixed),
    row("doppler-token", "dp.audit.", ALNUM, 36, mixed),
    row("vault-service-token", "hvs.", URL64, 20, mixed),
    row("vault-batch-token", "hvb.", URL64, 60, mixed),
    row("vault-recovery-token", "hvr.", URL64, 20, mixed),
    sized("vault-service-token", "s.", ALNUM, 24, 24, mixed),
    sized("vault-batch-token", "b.", URL64, 90, 600, mixed),
    row("pulumi-access-token", "pul-", HEX, 36, mixed),
    row("infisical-token", "st.", URL64_DOT, 60, infisical),
    row("one-password-token", "ops_eyJ", BASE64_ANY, 100, mixed),
    sized("one-password-secret-key", "A3-", ALNUM_DASH, 30, 38, random),
    row("databricks-token", "dapi", HEX_DASH, 30, mixed),
    row("databricks-token", "dapif", HEX_DASH, 30, mixed),
    row("databricks-token", "dose", HEX, 30, mixed),
    row("aiven-password", "AVNS_", URL64, 16, letters),
    row("aiven-token", "aivenv1", BASE64, 60, mixed),
    row("akamai-credential", "akab-", URL64, 30, mixed),
    row("cockroach-api-key", "CCDB1_", WORD, 40, mixed),
    row("openshift-token", "sha256~", URL64, 40, letters),
    row("kubernetes-secret-store", "k8s-aws-v1.", URL64, 60, mixed),
    row("age-secret-key", "AGE-SECRET-KEY-1", UPNUM, 50, sure),
    row("age-secret-key", "age-secret-key-1", LOWNUM, 50, sure),
    row("age-secret-key", "AGE-SECRET-KEY-PQ-1", UPNUM, 50, sure),
    row("age-secret-key", "AGE-PLUGIN-", ALNUM_DASH, 40, mixed),
    row("tailscale-key", "tskey-", URL64, 20, mixed),
    row("bitwarden-token", "0.", URL64_DOT_EQ, 60, bitwarden),
    row("extended-private-key", "xprv", ALNUM, 100, letters),
    row("nostr-secret-key", "nsec1", LOWNUM, 50, mixed),
    row("hcp-token", "hcp.", URL64_DOT, 40, mixed),
];

const URL64_FIREBASE: crate::class::Set = URL64.and(crate::class::ALNUM_COLON_DASH);

/// `AAAA`, seven characters, a colon, `APA91b`, then the key.
fn firebase(body: &[u8]) -> bool {
    body.get(7..14) == Some(b":APA91b".as_slice())
}

/// Infisical service tokens have an id, then a secret, joined by dots.
fn infisical(body: &[u8]) -> bool {
    random(body) && body.iter().filter(|&&byte| byte == b'.').count() >= 2
}

/// Bitwarden machine tokens: `0.`, a UUID, then the secret.
fn bitwarden(body: &[u8]) -> bool {
    body.len() > 37 && crate::shape::is_uuid(&body[..36]) && body[36] == b'.'
}
