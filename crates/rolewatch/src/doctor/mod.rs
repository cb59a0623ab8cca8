//! Whether the service is well: from what was seen of its parts to what is well, what is not, and the cure of each.
//!
//! One file a part, with the facts that it looks at and the probes it makes of them. What could not be looked at is
//! said, never passed over: it may be what is broken.

mod allowlist;
mod canaries;
mod clock;
mod forwarders;
mod functions;
mod policy;
mod queues;
mod rules;
mod stack;
mod table;
mod topics;
mod trails;
mod webhook;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use self::allowlist::{AllowlistFacts, AllowlistThere};
pub use self::canaries::Heard;
pub use self::forwarders::Region;
pub use self::functions::{Function, Mapping};
pub use self::queues::Queue;
pub use self::rules::{MUST_MATCH, Rule, Target};
pub use self::stack::{Resource, Stack};
pub use self::table::Table;
pub use self::topics::{Subscription, Topic};
pub use self::trails::{Field, Selector, Trail};
pub use self::webhook::{Kept, Webhook};

/// What was looked at.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the stack is made of.
    pub stack: Stack,
    /// This machine's time.
    pub now: DateTime<Utc>,
    /// AWS's, at the same moment.
    pub clock: Looked<DateTime<Utc>>,
    /// The trails that see this account.
    pub trails: Looked<Vec<Trail>>,
    /// The rules of the stack, by their logical names.
    pub rules: Vec<(String, Looked<Rule>)>,
    /// The other regions that are enabled, and what there hands events to the home region.
    pub regions: Looked<Vec<Region>>,
    /// Queues, by their logical names.
    pub queues: Vec<(String, Looked<Queue>)>,
    /// Functions, by their logical names.
    pub functions: Vec<(String, Looked<Function>)>,
    /// Topics, by their logical names.
    pub topics: Vec<(String, Looked<Topic>)>,
    /// The table.
    pub table: Looked<Table>,
    /// The allowlist: there, and in force.
    pub allowlist: AllowlistFacts,
    /// The canaries of today and yesterday.
    pub canaries: Looked<Vec<Heard>>,
    /// Where the webhook's URL is; none where Slack is not told.
    pub webhook: Option<Webhook>,
}

/// What was seen, or why nothing was.
pub type Looked<T> = Result<T, NotLooked>;

/// Why something was not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotLooked {
    /// The call, as IAM names it: `events:DescribeRule`.
    pub action: &'static str,
    /// What AWS said, in a word.
    pub code: String,
    /// It was seen that it is not there.
    pub gone: bool,
}

/// How it stands with one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Well.
    Ok,
    /// It could not be looked at.
    Skipped,
    /// It works, and somebody should know.
    Warn,
    /// It does not.
    Fail,
}

impl Status {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What is told of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// The part.
    pub name: &'static str,
    /// How it stands with it.
    pub status: Status,
    /// What was seen.
    pub message: String,
    /// What to do.
    pub cure: Option<String>,
}

/// Examines everything, in the order in which an event passes.
#[must_use]
pub fn examine(facts: &Facts) -> Vec<Probe> {
    [
        clock::examine(facts),
        stack::examine(&facts.stack),
        trails::examine(facts),
        rules::examine(facts),
        forwarders::examine(facts),
        queues::examine(facts),
        functions::examine(facts),
        allowlist::examine(&facts.allowlist),
        table::examine(&facts.table),
        topics::examine(facts),
        webhook::examine(facts.webhook.as_ref()),
        canaries::examine(facts),
    ]
    .concat()
}

/// What puts every part right that the template says all of.
const DEPLOY: &str = "have it as it was deployed: make repair; make deploy where it never was";

impl Probe {
    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Status::Ok, message, None)
    }

    fn warn(name: &'static str, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(name, Status::Warn, message, Some(cure.into()))
    }

    fn fail(name: &'static str, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(name, Status::Fail, message, Some(cure.into()))
    }

    fn new(
        name: &'static str,
        status: Status,
        message: impl Into<String>,
        cure: Option<String>,
    ) -> Self {
        Self {
            name,
            status,
            message: message.into(),
            cure,
        }
    }
}

impl NotLooked {
    /// `what` is gone, or could not be looked at.
    fn probe(&self, name: &'static str, what: &str) -> Probe {
        if self.gone {
            return Probe::fail(name, format!("{what} is not there"), DEPLOY);
        }
        let message = format!("could not look at {what}: {}: {}", self.action, self.code);
        let code = self.code.to_ascii_lowercase();
        let is_denied = ["denied", "authoriz", "forbidden"];
        let cure = if is_denied.iter().any(|word| code.contains(word)) {
            let action = self.action;
            format!(
                "let whoever runs this call {action} (docs/operations.md#doctor has the policy)"
            )
        } else {
            "try again; if it stays, ask AWS's health dashboard".to_owned()
        };
        Probe::new(name, Status::Skipped, message, Some(cure))
    }
}

/// What is wrong, or that nothing is.
fn or_well(wrong: Vec<Probe>, name: &'static str, well: impl FnOnce() -> String) -> Vec<Probe> {
    if wrong.is_empty() {
        vec![Probe::ok(name, well())]
    } else {
        wrong
    }
}

/// So many of something.
fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Names in a row; of many, how many more.
fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 12;
    let shown: Vec<&str> = names.iter().take(MOST).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(MOST);
    let shown = shown.join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown} and {more} more")
    }
}

#[cfg(test)]
mod tests;
