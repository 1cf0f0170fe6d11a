//! Monitoring, tracing, incident handling, product analytics.

use super::{Row, row};
use crate::class::{ALNUM, BASE64_ANY, HEX, URL64, URL64_DOT, WORD};
use crate::shape::{dotted, letters, mixed};

pub(crate) const ROWS: &[Row] = &[
    row("grafana-cloud-token", "glc_", BASE64_ANY, 30, mixed),
    row("grafana-service-token", "glsa_", WORD, 32, mixed),
    row("grafana-api-key", "eyJrIjoi", BASE64_ANY, 50, mixed),
    row("new-relic-user-key", "NRAK-", ALNUM, 24, mixed),
    row("new-relic-insert-key", "NRII-", URL64, 28, mixed),
    row("new-relic-query-key", "NRIQ-", URL64, 28, mixed),
    row("new-relic-browser-key", "NRJS-", HEX, 18, mixed),
    row("new-relic-admin-key", "NRAA-", ALNUM, 24, mixed),
    row("sentry-org-token", "sntrys_", BASE64_ANY, 60, mixed),
    row("sentry-user-token", "sntryu_", HEX, 50, mixed),
    row("sentry-internal-token", "sntryi_", HEX, 50, mixed),
    row("sentry-app-token", "sntrya_", HEX, 50, mixed),
    row("dynatrace-token", "dt0c01.", URL64_DOT, 60, dotted),
    row("dynatrace-token", "dt0s01.", URL64_DOT, 60, dotted),
    row("dynatrace-token", "dt0s02.", URL64_DOT, 60, dotted),
    row("dynatrace-token", "dt0s03.", URL64_DOT, 60, dotted),
    row("dynatrace-token", "dt0s16.", URL64_DOT, 60, dotted),
    row("honeycomb-key", "hcaik_", ALNUM, 40, mixed),
    row("honeycomb-key", "hcbik_", ALNUM, 40, mixed),
    row("honeycomb-key", "hcxik_", ALNUM, 40, mixed),
    row("honeycomb-key", "hcxlk_", ALNUM, 40, mixed),
    row("honeycomb-key", "hcalk_", ALNUM, 40, mixed),
    row("honeycomb-key", "hcamk_", ALNUM, 40, mixed),
    row("datadog-app-key", "ddapp_", ALNUM, 30, letters),
    row("datadog-access-token", "ddpat_", URL64, 30, letters),
    row("posthog-personal-key", "phx_", URL64, 30, letters),
    row("posthog-secure-key", "phs_", URL64, 30, letters),
    row("axiom-token", "xaat-", crate::class::HEX_DASH, 30, mixed),
    row("axiom-token", "xapt-", crate::class::HEX_DASH, 30, mixed),
    row("logfire-token", "pylf_v1_", URL64, 40, mixed),
    row("incident-io-key", "inc_", ALNUM, 40, mixed),
    row("rootly-token", "rootly_", HEX, 40, mixed),
    row("healthchecks-key", "hcw_", ALNUM, 24, letters),
    row("healthchecks-key", "hcr_", ALNUM, 24, letters),
    row("checkly-key", "cu_", HEX, 30, mixed),
    row("elastic-api-key", "essu_", BASE64_ANY, 40, mixed),
];
