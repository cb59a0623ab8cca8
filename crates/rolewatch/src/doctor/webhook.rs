//! Slack's webhook: its URL is kept where the stack says, secretly; and takes a message, where one was to be sent.

use super::{Looked, Probe};

/// The webhook of Slack.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Where its URL is: `ssm:…` or `secretsmanager:…`.
    pub place: String,
    /// What is there.
    pub kept: Looked<Kept>,
    /// What came of a message to it, where one was sent. Never holds the URL.
    pub sent: Option<Result<(), String>>,
}

/// How a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Encrypted.
    Secretly,
    /// For everybody who may read parameters.
    Plainly,
}

pub(super) fn examine(webhook: Option<&Webhook>) -> Vec<Probe> {
    const NAME: &str = "webhook";
    let Some(webhook) = webhook else {
        return vec![Probe::ok(NAME, "the stack names none: Slack is not told")];
    };
    let place = &webhook.place;
    let kept = match &webhook.kept {
        Err(not) if not.gone => Probe::fail(
            NAME,
            format!("there is no webhook at {place}: no finding reaches Slack"),
            "aws ssm put-parameter --name NAME --type SecureString --value file://webhook.txt",
        ),
        Err(not) => not.probe(NAME, &format!("the webhook at {place}")),
        Ok(Kept::Plainly) => Probe::fail(
            NAME,
            format!(
                "the webhook at {place} is kept in clear: whoever may read parameters can post"
            ),
            "make a new webhook, and keep it as a SecureString",
        ),
        Ok(Kept::Secretly) => Probe::ok(NAME, format!("its URL is kept encrypted at {place}")),
    };
    let mut probes = vec![kept];
    match &webhook.sent {
        None => {}
        Some(Ok(())) => probes.push(Probe::ok("webhook-test", "Slack took a test message")),
        Some(Err(why)) => probes.push(Probe::fail(
            "webhook-test",
            format!("a test message did not get through: {why}"),
            "docs/operations.md#dead-letters-of-notify",
        )),
    }
    probes
}
