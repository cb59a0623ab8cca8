//! `denied-assumption`: STS refused a GitHub subject.

use super::{Check, Complaint, Facts};
use crate::assumption::Outcome;
use crate::finding::Severity;
use crate::verdict::Verdict;
use crate::words::{caller_in_context, role_name};

pub(super) const CHECK: Check = Check {
    id: "denied-assumption",
    title: "STS refused a GitHub subject",
    severity: Severity::Low,
    needs: &[],
    explanation: include_str!("denied-assumption.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (Verdict::Denied, Some(assumption)) = (facts.verdict, facts.assumption()) else {
        return None;
    };
    let Outcome::Refused { code } = &assumption.outcome else {
        return None;
    };
    let why = match code.strip_suffix("Exception").unwrap_or(code) {
        "AccessDenied" => "no statement of the role's trust policy let this token in",
        "ExpiredToken" => "the token had expired",
        "InvalidIdentityToken" => "the token could not be validated",
        "IDPRejectedClaim" => "the issuer rejected the claim",
        "ValidationError" => "the request was not valid; a duration over the role's maximum, often",
        _ => "see the error code",
    };
    Some(Complaint {
        title: format!(
            "{} was refused {}",
            caller_in_context(assumption),
            role_name(&assumption.role_arn)
        ),
        message: format!("STS answered {code}: {why}"),
    })
}
