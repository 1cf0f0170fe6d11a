//! Chat, mail and social networks.

use super::{Row, row, sized};
use crate::class::{ALNUM, BASE64_ANY, HEX, HEXL, URL64, URL64_DOT};
use crate::shape::{any, dotted, letters, mixed, random, slack};

pub(crate) const ROWS: &[Row] = &[
    row("slack-bot-token", "xoxb-", ALNUM_DASH, 16, slack),
    row("slack-user-token", "xoxp-", ALNUM_DASH, 16, slack),
    row("slack-user-token", "xoxe.xoxp-", ALNUM_DASH, 24, mixed),
    row("slack-bot-token", "xoxe.xoxb-", ALNUM_DASH, 24, mixed),
    row("slack-config-token", "xoxe-", ALNUM_DASH, 24, mixed),
    row("slack-workspace-token", "xoxa-", ALNUM_DASH, 12, slack),
    row("slack-workspace-token", "xoxr-", ALNUM_DASH, 12, slack),
    row("slack-legacy-token", "xoxs-", ALNUM_DASH, 16, slack),
    row("slack-legacy-token", "xoxo-", ALNUM_DASH, 16, slack),
    row("slack-session-token", "xoxc-", ALNUM_DASH, 16, slack),
    row("slack-session-cookie", "xoxd-", BASE64_PERCENT, 24, mixed),
    row("slack-app-token", "xapp-", ALNUM_DASH, 24, slack),
    row("slack-workflow-token", "xwfp-", ALNUM_DASH, 16, slack),
    sized("twilio-api-key", "SK", HEXL, 32, 32, mixed),
    row("sendgrid-api-key", "SG.", URL64_DOT, 40, dotted),
    row("mailgun-api-key", "key-", HEX, 32, mixed),
    row("mailgun-public-key", "pubkey-", HEX, 32, mixed),
    row("brevo-api-key", "xkeysib-", URL64, 40, mixed),
    row("brevo-smtp-key", "xsmtpsib-", URL64, 40, mixed),
    row("resend-api-key", "re_", URL64, 24, random),
    row("mailersend-token", "mlsn.", HEX, 40, mixed),
    row("facebook-access-token", "EAACEdEose0cBA", ALNUM, 20, mixed),
    row("facebook-access-token", "EAA", ALNUM, 80, mixed),
    row("instagram-access-token", "IGQV", URL64, 60, mixed),
    row("instagram-access-token", "IGAA", URL64, 60, mixed),
    row("threads-access-token", "THAA", URL64, 60, mixed),
    row(
        "twitter-bearer-token",
        "AAAAAAAAAAAAAAAAAAAAA",
        BASE64_ANY_PERCENT,
        60,
        mixed,
    ),
    row("tiktok-client-token", "clt.", URL64_DOT, 30, random),
    row("telnyx-api-key", "KEY0", ALNUM, 30, mixed),
    row("intercom-access-token", "dG9rO", BASE64_ANY, 40, mixed),
    row("onesignal-api-key", "os_v2_", crate::class::WORD, 40, mixed),
    row("matrix-access-token", "syt_", URL64, 30, mixed),
    row("vk-access-token", "vk1.a.", URL64, 60, mixed),
    row("knock-api-key", "sk_knock_", URL64, 20, letters),
    row("novu-api-key", "nv_", HEX, 30, any),
    row("linkedin-access-token", "AQX", URL64, 120, mixed),
];

use crate::class::ALNUM_DASH;

const BASE64_PERCENT: crate::class::Set = BASE64_ANY.and(crate::class::MAIL_LOCAL);
const BASE64_ANY_PERCENT: crate::class::Set = BASE64_PERCENT;
