//! Questions about a role's trust policy, each answered with a witness.
//!
//! A lint is data: a [`Check`] in a file of its own beside its page. The order of [`ALL`] is that in
//! which users see them, the gravest first.

mod complaint;
mod facts;
mod narrowing;
mod scope;

mod trust_administrator;
mod trust_any_branch;
mod trust_any_environment;
mod trust_any_owner;
mod trust_any_pull_request;
mod trust_any_tag;
mod trust_author_controlled_subject;
mod trust_dead_statement;
mod trust_long_session;
mod trust_missing_audience;
mod trust_mixed_contexts;
mod trust_name_without_id;
mod trust_no_subject;
mod trust_not_judged;
mod trust_open_to_github;
mod trust_pass_role;
mod trust_prefix_hole;
mod trust_single_form;
mod trust_unknown_claim;
mod trust_unresolved_value;
mod trust_vacuous_operator;
mod trust_whole_organisation;

use serde::Serialize;

use crate::fix::Fix;
use crate::input::Role;
use crate::place::Place;
use crate::witness::Witness;

use complaint::Complaint;
use facts::Facts;

/// How grave a lint is. It follows the witness.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice; nobody gets in who should not.
    Info,
    /// Another context of the same repository, or less.
    Low,
    /// Another context of the same repository, another repository that is named alike, or a
    /// statement that never matches.
    Medium,
    /// Another owner than the named ones, or another repository of the same owner.
    High,
    /// Anyone on GitHub.
    Critical,
}

/// One question about a trust policy.
pub struct Check {
    /// Its name, which says the bad pattern, in kebab-case.
    pub id: &'static str,
    /// What it complains of, in one line.
    pub title: &'static str,
    /// The gravest severity of its complaints.
    pub severity: Severity,
    /// Its page in Markdown: what it does, why it is bad, an example, what to do.
    pub explanation: &'static str,
    pub(crate) run: fn(&Facts<'_>) -> Vec<Complaint>,
}

/// One complaint about one place of a trust policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lint {
    /// The id of the check that complains.
    pub check: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The check's title.
    pub title: &'static str,
    /// What is wrong here: a sentence without a full stop. It may quote the policy.
    pub message: String,
    /// Where.
    pub location: Place,
    /// A token that shows it. Missing only where no token that GitHub issues can.
    pub witness: Option<Witness>,
    /// The corrected policy, where the correction follows from the policy (or the options).
    pub fix: Option<Fix>,
}

/// What is known besides the policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Subjects that should get in, exactly as GitHub signs them: fixes pin to those of them that
    /// get in now.
    pub subjects: Vec<String>,
    /// What else should get in. A fix that would shut out any of it is none.
    pub patterns: Vec<Expected>,
    /// The longest session that is needed, in seconds.
    pub max_session: Option<u64>,
    /// The time, as `aws:CurrentTime` has it: without it, every time is possible.
    pub now: Option<String>,
}

/// Subjects that should get in, described by a pattern as `StringLike` takes it. It may match more
/// than is meant, never less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The pattern.
    pub pattern: String,
    /// Whether it matches no more than is meant: then a fix may write it into the policy.
    pub exact: bool,
}

/// Every check, in the order in which users see them.
pub const ALL: &[&Check] = &[
    &trust_open_to_github::CHECK,
    &trust_author_controlled_subject::CHECK,
    &trust_any_owner::CHECK,
    &trust_prefix_hole::CHECK,
    &trust_whole_organisation::CHECK,
    &trust_administrator::CHECK,
    &trust_any_branch::CHECK,
    &trust_any_pull_request::CHECK,
    &trust_missing_audience::CHECK,
    &trust_vacuous_operator::CHECK,
    &trust_dead_statement::CHECK,
    &trust_unknown_claim::CHECK,
    &trust_not_judged::CHECK,
    &trust_pass_role::CHECK,
    &trust_any_environment::CHECK,
    &trust_any_tag::CHECK,
    &trust_mixed_contexts::CHECK,
    &trust_long_session::CHECK,
    &trust_unresolved_value::CHECK,
    &trust_no_subject::CHECK,
    &trust_name_without_id::CHECK,
    &trust_single_form::CHECK,
];

/// Asks every check about a role. A role that trusts none of GitHub's issuers has no lints, save
/// where a template leaves open whom it trusts. The gravest come first, else they stand in the order of the policy.
#[must_use]
pub fn lint(role: &Role, options: &Options) -> Vec<Lint> {
    let facts = Facts::of(role, options);
    let mut lints: Vec<Lint> = Vec::new();
    for check in ALL {
        for complaint in (check.run)(&facts) {
            let lint = complaint.into_lint(check);
            if !lints.contains(&lint) {
                lints.push(lint);
            }
        }
    }
    lints.sort_by(|one, two| {
        let place = |lint: &Lint| (lint.location.line, lint.location.column);
        let grave = two.severity.cmp(&one.severity);
        grave.then_with(|| place(one).cmp(&place(two)))
    });
    lints
}
