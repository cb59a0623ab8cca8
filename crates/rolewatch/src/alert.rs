//! An alert: a finding as it travels, from detect to whoever tells a person. Its JSON is the
//! finding of the command line and of SNS alike.

use serde::{Deserialize, Serialize};

use crate::finding::{Background, Event, Finding, Severity};

/// The name and version of the JSON format.
pub const SCHEMA: &str = "rolewatch.finding/1";

/// A finding, owned and self-contained. Fields stand in the order of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Always `finding`.
    pub r#type: Kind,
    /// The format's name and version.
    pub schema: String,
    /// The finding's id.
    pub id: String,
    /// What the finding is about.
    pub about: About,
    /// The check's id.
    pub check: String,
    /// How much it weighs.
    pub severity: Severity,
    /// A headline. Holds text of the record: escape it for where it is shown.
    pub title: String,
    /// What is wrong. Holds text of the record.
    pub message: String,
    /// The event.
    pub event: Option<Event>,
    /// The rule that matched the identity.
    pub rule: Option<String>,
    /// The rule that comes nearest.
    pub nearest_rule: Option<String>,
    /// TOML that would have allowed it.
    pub suggestion: Option<String>,
    /// How many findings like it this alert stands for besides; none for a finding by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<u64>,
    /// Who answers for the rule, for routing. Travels beside the JSON, not in it.
    #[serde(skip)]
    pub owner: Option<String>,
    /// What helps to act on it. Travels beside the JSON, not in it.
    #[serde(skip)]
    pub background: Background,
}

/// The type of a line of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A finding.
    Finding,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// One assumption.
    Assumption,
    /// The allowlist itself.
    Allowlist,
    /// rolewatch itself.
    Service,
    /// Nothing: it is a drill, and nobody assumed a role.
    Drill,
}

impl From<&Finding> for Alert {
    fn from(finding: &Finding) -> Self {
        Self {
            r#type: Kind::Finding,
            schema: SCHEMA.to_owned(),
            id: finding.id.clone(),
            about: About::Assumption,
            check: finding.check.id.to_owned(),
            severity: finding.check.severity,
            title: finding.title.clone(),
            message: finding.message.clone(),
            event: finding.event.clone(),
            rule: finding.rule.clone(),
            nearest_rule: finding.nearest_rule.clone(),
            suggestion: finding.suggestion.clone(),
            repeats: None,
            owner: finding.owner.clone(),
            background: finding.background.clone(),
        }
    }
}
