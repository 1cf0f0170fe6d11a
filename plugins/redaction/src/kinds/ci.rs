//! Continuous integration, code quality, and tools for building and delivery.

use super::{Row, row, sized};
use crate::class::{ALNUM, HEX, LOWNUM, UPNUM, URL64, URL64_DOT, WORD};
use crate::shape::{letters, mixed, random};

pub(crate) const ROWS: &[Row] = &[
    row("circleci-token", "CCIPAT_", WORD, 40, mixed),
    row("circleci-token", "CCIPRJ_", WORD, 40, mixed),
    row("buildkite-token", "bkua_", HEX, 32, mixed),
    row("buildkite-token", "bkct_", ALNUM, 32, mixed),
    row("buildkite-token", "bkat_", URL64, 32, mixed),
    row("sonar-token", "squ_", ALNUM, 36, mixed),
    row("sonar-token", "sqp_", ALNUM, 36, mixed),
    row("sonar-token", "sqa_", ALNUM, 36, mixed),
    sized("octopus-api-key", "API-", UPNUM, 25, 36, mixed),
    row("harness-token", "pat.", URL64_DOT, 50, harness),
    row("harness-token", "sat.", URL64_DOT, 50, harness),
    row("postman-api-key", "PMAK-", URL64, 40, mixed),
    row("postman-access-key", "PMAT-", URL64, 20, mixed),
    row("linear-api-key", "lin_api_", ALNUM, 30, mixed),
    row("linear-oauth-token", "lin_oauth_", ALNUM, 30, mixed),
    row("prefect-token", "pnu_", ALNUM, 30, letters),
    row("prefect-token", "pnb_", ALNUM, 30, letters),
    row("dbt-token", "dbtu_", URL64, 30, mixed),
    row("dbt-token", "dbtc_", URL64, 30, mixed),
    row("readme-api-key", "rdme_", LOWNUM, 50, mixed),
    row("scalingo-token", "tk-us-", URL64, 40, mixed),
    row("infracost-api-key", "ico-", ALNUM, 28, mixed),
    row("snyk-token", "snyk_uat.", URL64_DOT, 30, mixed),
    row("semgrep-token", "sgt_", HEX, 40, mixed),
    row("socket-api-key", "sktsec_", WORD, 24, mixed),
    row("endorlabs-key", "endr+", URL64, 14, mixed),
    row("depot-token", "depot_", URL64, 30, random),
    row(
        "launchdarkly-api-key",
        "api-",
        crate::class::HEX_DASH,
        36,
        launchdarkly,
    ),
    row(
        "launchdarkly-sdk-key",
        "sdk-",
        crate::class::HEX_DASH,
        36,
        launchdarkly,
    ),
    row(
        "launchdarkly-mobile-key",
        "mob-",
        crate::class::HEX_DASH,
        36,
        launchdarkly,
    ),
    row("statsig-secret", "secret-", ALNUM, 40, random),
    row("flagsmith-server-key", "ser.", ALNUM, 20, mixed),
    row("percy-token", "web_", HEX, 60, mixed),
    row("percy-token", "app_", HEX, 60, mixed),
    row("chromatic-token", "chpt_", HEX, 12, mixed),
];

/// An account, an id and a secret, joined by dots.
fn harness(body: &[u8]) -> bool {
    random(body) && body.iter().filter(|&&byte| byte == b'.').count() >= 2
}

/// The body is a UUID.
fn launchdarkly(body: &[u8]) -> bool {
    body.len() >= 36 && crate::shape::is_uuid(&body[..36])
}
