//! Which row an observation is counted in.

use chrono::{DateTime, NaiveDate, Utc};
use github_oidc::Subject;
use serde::{Deserialize, Serialize};

use crate::allowlist::Allowlist;
use crate::assumption::{Assumption, Observation};
use crate::detect::{Decision, Outcome};
use crate::digest::digest;

/// Rows of one day, role and repository; further subjects fold into one row, "other".
pub(super) const MOST_ROWS: u64 = 1000;
/// The subject of the row that further ones fold into.
const FOLDED: &str = "other";

/// Whom a row is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct About {
    /// The issuer.
    pub issuer: String,
    /// The role's ARN; empty for other issuers, and for a role that no rule names and that was
    /// refused.
    pub role_arn: String,
    /// The subject, or "other".
    pub subject: String,
    /// The rule that expected it.
    pub rule: Option<String>,
    /// The repository whose further subjects are folded into this row; empty where they have
    /// none. Nothing for a row of one subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<String>,
}

/// Where an observation is counted.
pub(super) struct Place {
    pub(super) day: NaiveDate,
    /// The row's name among those of its day.
    pub(super) sort: String,
    pub(super) about: About,
    /// The repository for whose rows there is a cap; none where rows cannot be multiplied.
    pub(super) repository: Option<String>,
}

/// The place of an observation; of one without a time, the place at `now`.
pub(super) fn place(
    observation: &Observation,
    decision: &Decision,
    allowlist: &Allowlist,
    now: DateTime<Utc>,
) -> Place {
    let day = observation.time().unwrap_or(now).date_naive();
    let uncapped = |sort: String, about: About| Place {
        day,
        sort,
        about,
        repository: None,
    };
    let Observation::Assumption(assumption) = observation else {
        return uncapped("unreadable".into(), About::default());
    };
    if decision.outcome == Outcome::Other {
        let about = About {
            issuer: assumption.issuer.clone(),
            ..About::default()
        };
        return uncapped(format!("other#{}", digest(&[&about.issuer])), about);
    }
    judged(day, assumption, decision, allowlist)
}

fn judged(
    day: NaiveDate,
    assumption: &Assumption,
    decision: &Decision,
    allowlist: &Allowlist,
) -> Place {
    let about = About {
        issuer: assumption.issuer.clone(),
        role_arn: known_role(assumption, allowlist),
        subject: assumption.subject.clone(),
        rule: decision
            .rule
            .clone()
            .filter(|_| decision.outcome == Outcome::Expected),
        folded: None,
    };
    let rule = about.rule.as_deref().unwrap_or_default();
    let names = [
        &*about.issuer,
        &about.role_arn,
        &about.subject,
        rule,
        &complaints(decision),
    ];
    let sort = format!("{}#{}", decision.outcome.as_str(), digest(&names));
    let repository = Subject::parse(&assumption.subject)
        .repository()
        .map(|it| it.full_name());
    Place {
        day,
        sort,
        about,
        repository: Some(repository.unwrap_or_default()),
    }
}

/// What was complained of. Events of one row have the same complaints, so that one of them can
/// stand for all. Expected ones, of which there are many and few tell anything, are one row.
fn complaints(decision: &Decision) -> String {
    if decision.outcome == Outcome::Expected {
        return String::new();
    }
    let ids: Vec<&str> = decision.complaints().map(|it| it.check.id).collect();
    ids.join(",")
}

/// The role, unless its name is somebody else's to choose.
fn known_role(assumption: &Assumption, allowlist: &Allowlist) -> String {
    let day = assumption.time.date_naive();
    if assumption.is_refused() && !allowlist.names_role(&assumption.role_arn, day) {
        String::new()
    } else {
        assumption.role_arn.clone()
    }
}

impl Place {
    /// Makes it the row of all further subjects of this role and repository.
    pub(super) fn fold(&mut self) {
        let repository = self.repository.clone().unwrap_or_default();
        self.about.subject = FOLDED.into();
        self.about.rule = None;
        self.sort = format!("folded#{}", digest(&[&self.about.role_arn, &repository]));
        self.about.folded = Some(repository);
    }
}
