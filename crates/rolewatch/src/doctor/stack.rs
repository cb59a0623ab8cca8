//! The stack: what there should be.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{DEPLOY, Probe, listed};

/// A stack of `CloudFormation`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// The account's number.
    pub account: String,
    /// The home region.
    pub region: String,
    /// `CREATE_COMPLETE` and so on.
    pub status: String,
    /// When it was made, or changed last.
    pub changed: Option<DateTime<Utc>>,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// What it made.
    pub resources: Vec<Resource>,
}

/// A resource of the stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// Its name in the template.
    pub logical: String,
    /// Such as `AWS::SQS::Queue`.
    pub kind: String,
    /// Its name in AWS: a name, a URL or an ARN.
    pub physical: String,
}

impl Stack {
    /// The resources of a kind.
    pub fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |it| it.kind == kind)
    }

    /// The name in AWS of a resource.
    #[must_use]
    pub fn physical(&self, logical: &str) -> Option<&str> {
        let found = self.resources.iter().find(|it| it.logical == logical);
        found.map(|it| it.physical.as_str())
    }

    /// A parameter that is not empty.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether a webhook is named. Of a stack that does not say, it is expected.
    #[must_use]
    pub fn tells_slack(&self) -> bool {
        let named = self.parameters.get("SlackWebhook");
        named.is_none_or(|place| !place.is_empty())
    }

    /// The topic that findings go to, wherever it was made.
    #[must_use]
    pub fn findings_topic(&self) -> Option<&str> {
        let existing = self.parameter("ExistingFindingsTopicArn");
        existing.or_else(|| self.physical("Findings"))
    }

    /// Whether this stack subscribes to that topic: a central one, of another account, is told by the stack beside it.
    #[must_use]
    pub fn tells_its_findings(&self) -> bool {
        let existing = self.parameter("ExistingFindingsTopicArn");
        existing.is_none_or(|arn| arn.split(':').nth(4) == Some(&self.account))
    }
}

/// What no stack of rolewatch is without.
const NEEDED: [&str; 8] = [
    "Rule",
    "OwnRule",
    "Sweep",
    "Canary",
    "Events",
    "Detect",
    "Memory",
    "Operations",
];
/// Nor one that tells Slack.
const NEEDED_FOR_SLACK: [&str; 2] = ["Alerts", "Notify"];

pub(super) fn examine(stack: &Stack) -> Vec<Probe> {
    const NAME: &str = "stack";
    let here = format!(
        "{} in {} of account {}: {}",
        stack.name, stack.region, stack.account, stack.status
    );
    let for_slack = NEEDED_FOR_SLACK.into_iter().filter(|_| stack.tells_slack());
    let missing: Vec<&str> = NEEDED
        .into_iter()
        .chain(for_slack)
        .filter(|it| stack.physical(it).is_none())
        .collect();
    let probe = if !missing.is_empty() {
        let here = format!("{here}, without {}", listed(&missing));
        Probe::fail(NAME, here, DEPLOY)
    } else if stack.status.ends_with("_IN_PROGRESS") {
        Probe::warn(
            NAME,
            here,
            "it is being changed: look again when it is done",
        )
    } else {
        match stack.status.as_str() {
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => Probe::ok(NAME, here),
            "UPDATE_ROLLBACK_COMPLETE" => Probe::warn(
                NAME,
                here,
                "the last deployment failed and was taken back: its events say why; then make deploy",
            ),
            _ => Probe::fail(NAME, here, "see the stack's events, then make deploy"),
        }
    };
    vec![probe]
}
