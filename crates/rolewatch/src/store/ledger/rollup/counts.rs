//! What an observation adds to its row.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::allowlist::Allowlist;
use crate::assumption::{Assumption, Observation, Outcome as Answer, run_url};
use crate::detect::{Decision, Outcome};

/// The name that configure-aws-credentials gives every session, unless it is told one.
const DEFAULT_SESSION_NAME: &str = "GitHubActions";
/// The longest session that STS issues, in seconds; a record that says more says nonsense.
const LONGEST_SESSION: u64 = 43_200;
/// A measured session is exact to this many seconds.
const TOLERANCE: u64 = 5;
/// Upper bounds of the classes of lag, in seconds; the last takes in all that is longer.
const LAG_CLASSES: [i64; 21] = [
    1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 21_600, 86_400,
];
/// Errors of STS that are told apart, as CloudTrail spells them without `Exception`.
const CAUSES: [&str; 9] = [
    "AccessDenied",
    "ExpiredToken",
    "IDPCommunicationError",
    "IDPRejectedClaim",
    "InvalidIdentityToken",
    "MalformedPolicyDocument",
    "PackedPolicyTooLarge",
    "RegionDisabled",
    "ValidationError",
];

/// What to add, by name. `lag` is how long after the call it is counted, where that is of any
/// meaning.
pub(super) fn counts(
    observation: &Observation,
    decision: &Decision,
    allowlist: &Allowlist,
    lag: Option<TimeDelta>,
) -> BTreeMap<String, u64> {
    let mut names = vec![format!("n:{}", decision.outcome.as_str())];
    let findings = decision.findings.iter();
    names.extend(findings.map(|finding| format!("f:{}", finding.check.id)));
    let ignored = decision.ignored.iter();
    names.extend(ignored.map(|(finding, _)| format!("ignored:{}", finding.check.id)));
    if let Some(time) = observation.time() {
        names.push(format!("h:{}", time.format("%H")));
    }
    names.extend(lag.and_then(lag_class).map(|class| format!("l:{class}")));
    if let Observation::Assumption(assumption) = observation {
        names.extend(region(assumption));
        if decision.outcome != Outcome::Other {
            names.extend(assumption_counts(assumption, allowlist));
        }
    }
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn assumption_counts(assumption: &Assumption, allowlist: &Allowlist) -> Vec<String> {
    let source = assumption.source_ip.as_deref().unwrap_or_default();
    let networks = allowlist.networks_of(source);
    let mut names: Vec<String> = networks.map(|name| format!("net:{name}")).collect();
    match &assumption.outcome {
        Answer::Issued => {
            names.push(format!("s:{}", session_class(assumption)));
            if run_url(assumption).is_some() {
                names.push("run".into());
            }
            if assumption.role_session_name.as_deref() == Some(DEFAULT_SESSION_NAME) {
                names.push("unnamed".into());
            }
        }
        Answer::Refused { code } => names.push(format!("e:{}", cause(code))),
    }
    names
}

/// The session's length in seconds, up to the next whole minute: some 700 classes at most.
fn session_class(assumption: &Assumption) -> u64 {
    let measured = assumption.session.is_measured();
    let tolerance = if measured { TOLERANCE } else { 0 };
    let seconds = assumption.session.seconds().saturating_sub(tolerance);
    seconds.min(LONGEST_SESSION + 1).div_ceil(60) * 60
}

/// A lag of nothing is that of a replay, which counts each event at the time of its call:
/// CloudTrail takes longer than that.
fn lag_class(lag: TimeDelta) -> Option<i64> {
    let seconds = lag.num_seconds();
    let last = LAG_CLASSES[LAG_CLASSES.len() - 1];
    let class = LAG_CLASSES.into_iter().find(|class| seconds <= *class);
    (seconds > 0).then_some(class.unwrap_or(last + 1))
}

fn cause(code: &str) -> &'static str {
    let code = code.strip_suffix("Exception").unwrap_or(code);
    let known = CAUSES.into_iter().find(|cause| *cause == code);
    known.unwrap_or("other")
}

/// The region, if it looks like one.
fn region(assumption: &Assumption) -> Option<String> {
    let region = assumption.region.as_deref()?;
    let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (region.len() <= 25 && region.bytes().all(is_name)).then(|| format!("r:{region}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_fall_into_classes() {
        let class = |seconds| lag_class(TimeDelta::seconds(seconds));
        assert_eq!(class(-3), None);
        assert_eq!(class(0), None, "a replay");
        assert_eq!(class(4), Some(5));
        assert_eq!(class(86_400), Some(86_400));
        assert_eq!(class(86_401), Some(86_401));
    }

    #[test]
    fn errors_that_nobody_knows_are_one_cause() {
        assert_eq!(cause("ExpiredTokenException"), "ExpiredToken");
        assert_eq!(cause("AccessDenied"), "AccessDenied");
        assert_eq!(cause("=HYPERLINK()"), "other");
    }
}
