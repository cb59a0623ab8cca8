//! `unexpected-issuer`: the issuer is unknown, or not the rule's.

use super::{Check, Complaint, Facts};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller, token_of};

pub(super) const CHECK: Check = Check {
    id: "unexpected-issuer",
    title: "the issuer is unknown, or not the rule's",
    severity: Severity::High,
    needs: &[],
    explanation: include_str!("unexpected-issuer.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnexpectedIssuer { rule }, _) = facts.unexpected()? else {
        return None;
    };
    let (caller, message) = match rule {
        Some(rule) => (
            caller(assumption),
            format!(
                "rule \"{}\" expects {}, and the token came from {}",
                rule.name,
                rule.issuers_text(),
                assumption.issuer
            ),
        ),
        None => (
            token_of(&assumption.issuer),
            format!(
                "the allowlist does not list the issuer {}, so what its token says of a \
                 repository proves nothing",
                assumption.issuer
            ),
        ),
    };
    Some(Complaint {
        title: assumed(&caller, assumption, "unexpected issuer"),
        message,
    })
}
