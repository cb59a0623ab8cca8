//! `unexpected-issuer`: the issuer is unknown, or not the rule's.

use super::{Check, Complaint, Facts};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unexpected-issuer",
    title: "the issuer is unknown, or not the rule's",
    severity: Severity::High,
    explanation: include_str!("unexpected-issuer.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnexpectedIssuer { rule }, _) = facts.unexpected()? else {
        return None;
    };
    let message = match rule {
        Some(rule) => format!(
            "rule \"{}\" expects {}, and the token came from {}",
            rule.name,
            rule.issuers_text(),
            assumption.issuer
        ),
        None => format!(
            "the allowlist does not list the issuer {}; nobody else can sign for GitHub Actions",
            assumption.issuer
        ),
    };
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "unexpected issuer"),
        message,
    })
}
