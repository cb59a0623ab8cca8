//! One `[[test]]`: an assumption, and what the allowlist must say of it.

use chrono::{DateTime, Utc};

use super::Allowlist;
use crate::assumption::{Assumption, Outcome, Session};
use crate::checks::Facts;
use crate::detect::detect;
use crate::verdict::{Judging, judge};

/// A compiled test.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// What the test shows.
    pub name: String,
    /// Where it stands in the file: its first line, from 1.
    pub line: usize,
    pub(super) role: String,
    pub(super) subject: String,
    /// The ids of exactly the checks that must complain; none for "expected".
    pub(super) expect: Vec<&'static str>,
    pub(super) issuer: String,
    pub(super) session: Option<u64>,
    pub(super) audience: Option<String>,
    pub(super) region: Option<String>,
    pub(super) source_ip: Option<String>,
    pub(super) at: Option<DateTime<Utc>>,
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestOutcome {
    /// What the file's author wrote: check ids, or "expected".
    pub wanted: Vec<String>,
    /// What the allowlist said.
    pub got: Vec<String>,
    /// Why, for a person: the findings' messages.
    pub because: Vec<String>,
}

impl TestOutcome {
    /// Whether the test passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.wanted == self.got
    }
}

impl TestCase {
    /// Puts the test's assumption to the allowlist. What the test does not say is not judged:
    /// neither expiry nor hours without `at`, no session, audience, region or network without
    /// theirs. Silences do not count: a test is about the rules.
    #[must_use]
    pub fn run(&self, allowlist: &Allowlist) -> TestOutcome {
        let assumption = self.assumption();
        let verdict = judge(&assumption, allowlist, &self.judging());
        let facts = Facts {
            observation: &assumption.into(),
            verdict: &verdict,
            history: None,
        };
        let decision = detect(&facts, allowlist);
        let mut got: Vec<String> = decision
            .complaints()
            .map(|finding| finding.check.id.to_owned())
            .collect();
        if got.is_empty() {
            got.push(decision.outcome.as_str().to_owned());
        }
        let mut wanted: Vec<String> = self.expect.iter().map(|&id| id.to_owned()).collect();
        if wanted.is_empty() {
            wanted.push("expected".into());
        }
        got.sort();
        wanted.sort();
        wanted.dedup();
        let because = decision
            .complaints()
            .map(|finding| finding.message.clone())
            .collect();
        TestOutcome {
            wanted,
            got,
            because,
        }
    }

    fn judging(&self) -> Judging {
        Judging {
            time: self.at.is_some(),
            session: self.session.is_some(),
            audience: self.audience.is_some(),
            region: self.region.is_some(),
            network: self.source_ip.is_some(),
        }
    }

    fn assumption(&self) -> Assumption {
        Assumption {
            event_id: "test".into(),
            time: self.at.unwrap_or(DateTime::UNIX_EPOCH),
            account: self.role.split(':').nth(4).map(str::to_owned),
            region: self.region.clone(),
            role_arn: self.role.clone(),
            role_session_name: None,
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            audience: self.audience.clone(),
            session: Session::Requested(self.session.unwrap_or(0)),
            source_ip: self.source_ip.clone(),
            user_agent: None,
            access_key_id: None,
            outcome: Outcome::Issued,
        }
    }
}
