//! The allowlist's answer to one assumption, computed once; the checks project it.
//!
//! Judged at event time. A rule matches as a whole; expired rules do not exist, save to say
//! that they have expired.

mod identity;
mod nearest;

use chrono::NaiveDate;
use github_oidc::{Issuer, Subject, resembles_github};

pub use self::nearest::Nearest;
use crate::allowlist::{Allowlist, BrokenPin, Fault, Identity, Rule};
use crate::assumption::{Assumption, Outcome};
use crate::history::Ids;

/// The allowlist's answer.
#[derive(Debug)]
pub enum Verdict<'a> {
    /// The record could not be understood; there is nothing to ask the allowlist.
    Unreadable,
    /// Another issuer's assumption (EKS, Cognito …), or a refusal of one: counted, not judged.
    Other,
    /// STS refused; no identity is judged, because nobody came in.
    Denied,
    /// This rule is satisfied in full, the first in the file.
    Expected(&'a Rule),
    /// No rule is.
    Unexpected(Unexpected<'a>),
}

/// Why an assumption was not expected.
#[derive(Debug)]
pub struct Unexpected<'a> {
    /// The one reason that holds first.
    pub reason: Reason<'a>,
    /// The rule that comes nearest, if any comes near.
    pub nearest: Option<Nearest<'a>>,
}

/// Why, in the order in which they are looked for.
#[derive(Debug)]
pub enum Reason<'a> {
    /// The rule matches the identity, and is not satisfied in these parameters.
    Parameters {
        /// The rule with the fewest faults, then the first in the file.
        rule: &'a Rule,
        /// At least one.
        faults: Vec<Fault>,
    },
    /// The issuer is unknown, or not one of the rule that matches all else.
    UnexpectedIssuer {
        /// That rule, where the issuer is known.
        rule: Option<&'a Rule>,
    },
    /// The subject carries another id than the one its name is pinned to.
    RepositoryIdMismatch(BrokenPin),
    /// A rule that has expired matches the identity.
    ExpiredRule(&'a Rule),
    /// The owner appears in no rule.
    UnlistedOwner,
    /// No rule names the role.
    UnlistedRole,
    /// No pattern covers this customised or unparsable subject.
    UnlistedSubject,
    /// No rule that names the role names the repository.
    UnlistedRepository,
    /// No rule that names role and repository names the context.
    UnlistedContext,
}

/// Which parameters of an assumption are known, and so judged. All of them, for a record.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one answer for each parameter"
)]
pub struct Judging {
    /// Expiry and hours.
    pub time: bool,
    /// The session's length.
    pub session: bool,
    /// The token's audience.
    pub audience: bool,
    /// The region.
    pub region: bool,
    /// The source address.
    pub network: bool,
}

impl Judging {
    /// Everything is known, as for a record: what it does not say counts against it.
    pub const ALL: Self = Self {
        time: true,
        session: true,
        audience: true,
        region: true,
        network: true,
    };

    fn covers(self, fault: Fault) -> bool {
        match fault {
            Fault::Session => self.session,
            Fault::Audience => self.audience,
            Fault::Region => self.region,
            Fault::Network => self.network,
            Fault::Hours => self.time,
        }
    }

    /// The day on which rules must be live. Where time is not known, all of them are.
    fn day(self, assumption: &Assumption) -> NaiveDate {
        if self.time {
            assumption.time.date_naive()
        } else {
            NaiveDate::MIN
        }
    }
}

/// Judges one assumption by the allowlist alone.
#[must_use]
pub fn judge<'a>(
    assumption: &Assumption,
    allowlist: &'a Allowlist,
    judging: &Judging,
) -> Verdict<'a> {
    judge_remembering(assumption, allowlist, judging, None)
}

/// Judges one assumption by the allowlist and the ids that its repository's name came with
/// before.
#[must_use]
pub fn judge_remembering<'a>(
    assumption: &Assumption,
    allowlist: &'a Allowlist,
    judging: &Judging,
    ids: Option<Ids>,
) -> Verdict<'a> {
    let day = judging.day(assumption);
    let issuer: Option<Issuer> = assumption.issuer.parse().ok();
    let known = issuer.filter(|issuer| allowlist.knows_issuer(issuer));
    let concerns_us = known.is_some()
        || resembles_github(&assumption.issuer)
        || allowlist.names_role(&assumption.role_arn, day);
    if !concerns_us {
        return Verdict::Other;
    }
    if let Outcome::Refused { .. } = assumption.outcome {
        return Verdict::Denied;
    }
    let subject = Subject::parse(&assumption.subject);
    let who = Identity {
        role_arn: &assumption.role_arn,
        issuer: known.as_ref(),
        subject: &subject,
        subject_text: &assumption.subject,
    };
    let reason = match &known {
        None => Reason::UnexpectedIssuer { rule: None },
        Some(issuer) => {
            let pin = allowlist.broken_pin(issuer, &subject, day, ids);
            match by_rules(assumption, &who, allowlist, *judging).filter(|_| pin.is_none()) {
                Some(Ok(rule)) => return Verdict::Expected(rule),
                Some(Err(parameters)) => parameters,
                None => identity::reason(&who, allowlist, day, pin),
            }
        }
    };
    let nearest = nearest::nearest(&who, allowlist, day, &reason);
    Verdict::Unexpected(Unexpected { reason, nearest })
}

/// What the rules say that match the identity, if any does: the first without a fault, else the
/// parameters of the one with the fewest.
fn by_rules<'a>(
    assumption: &Assumption,
    who: &Identity<'_>,
    allowlist: &'a Allowlist,
    judging: Judging,
) -> Option<Result<&'a Rule, Reason<'a>>> {
    let mut nearest: Option<(&Rule, Vec<Fault>)> = None;
    for rule in allowlist.live_rules_of(&assumption.role_arn, judging.day(assumption)) {
        if !rule.fit(who).identity() {
            continue;
        }
        let mut faults = rule.faults(assumption);
        faults.retain(|fault| judging.covers(*fault));
        if faults.is_empty() {
            return Some(Ok(rule));
        }
        if nearest
            .as_ref()
            .is_none_or(|(_, fewest)| faults.len() < fewest.len())
        {
            nearest = Some((rule, faults));
        }
    }
    nearest.map(|(rule, faults)| Err(Reason::Parameters { rule, faults }))
}
