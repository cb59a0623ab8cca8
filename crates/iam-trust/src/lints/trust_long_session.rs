//! [`CHECK`]: a `MaxSessionDuration` beyond the need.

use crate::witness::Witness;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-long-session",
    title: "sessions may last longer than anybody needs",
    severity: Severity::Low,
    explanation: include_str!("trust-long-session.md"),
    run,
};

/// IAM takes no shorter `MaxSessionDuration`, in seconds.
const SHORTEST: u64 = 3600;

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    complain(facts).into_iter().collect()
}

fn complain(facts: &Facts<'_>) -> Option<Complaint> {
    let needed = facts.options.max_session?.max(SHORTEST);
    let most = facts.role.max_session.as_ref()?;
    let witness = Witness::verified(facts.policy, &facts.intended()?.request, true)?;
    if most.seconds <= needed {
        return None;
    }
    let message = format!(
        "MaxSessionDuration is {} s, {needed} s would do: a stolen session lives that much longer",
        most.seconds
    );
    Some(Complaint::at(&most.place, message).witness(Some(witness)))
}
