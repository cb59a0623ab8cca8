//! Verdicts against an independent oracle, and what has to hold of any allowlist.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be made ready fails its test"
)]

mod compared;
mod learnt;
mod oracle;

use std::collections::{BTreeMap, BTreeSet};

use oracle::model::{File, Seen, Subject};
use oracle::{Answer, generate, is_silenced, judge};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::assumption::Session;
use rolewatch::detect::{Decision, Outcome, decide};
use rolewatch::verdict::{Judging, Verdict};

fn compiled(text: &str) -> Result<Allowlist, TestCaseError> {
    let compiled = compile(text).map(|(allowlist, _)| allowlist);
    compiled.map_err(|found| TestCaseError::fail(format!("{text}\n{found:#?}")))
}

fn decided(seen: &Seen, allowlist: &Allowlist) -> Decision {
    decide(&seen.assumption().into(), allowlist)
}

fn checks(decision: &Decision) -> BTreeSet<&'static str> {
    decision.complaints().map(|it| it.check.id).collect()
}

/// The decision that the oracle's answer comes to.
fn wanted(file: &File, seen: &Seen) -> (Outcome, BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let (outcome, complaints) = match judge(file, seen) {
        Answer::Other => (Outcome::Other, BTreeSet::new()),
        Answer::Denied => (Outcome::Denied, BTreeSet::from(["denied-assumption"])),
        Answer::Expected(_) => (Outcome::Expected, BTreeSet::new()),
        Answer::Unexpected(checks) => (Outcome::Unexpected, checks),
    };
    let (silenced, told): (BTreeSet<_>, BTreeSet<_>) = complaints
        .into_iter()
        .partition(|check| is_silenced(file, seen, check));
    let silent = told.is_empty() && !silenced.is_empty();
    (
        if silent { Outcome::Ignored } else { outcome },
        told,
        silenced,
    )
}

/// A failure prints its file and its assumption; there is nothing more to keep.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn assumptions() -> impl Strategy<Value = Vec<Seen>> {
    prop::collection::vec(generate::seen(), 12)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn verdicts_agree_with_the_oracle(file in generate::file(), seen in assumptions()) {
        let text = file.in_order();
        let allowlist = compiled(&text)?;
        for seen in seen {
            let decision = decided(&seen, &allowlist);
            let got = (
                decision.outcome,
                decision.findings.iter().map(|it| it.check.id).collect(),
                decision.ignored.iter().map(|(it, _)| it.check.id).collect(),
            );
            let subject = seen.subject.written();
            prop_assert_eq!(got, wanted(&file, &seen), "{}\n{:?}\n{}", text, seen, subject);
            if let Answer::Expected(first) = judge(&file, &seen) {
                let assumption = seen.assumption();
                let verdict = rolewatch::verdict::judge(&assumption, &allowlist, &Judging::ALL);
                let Verdict::Expected(rule) = verdict else { unreachable!() };
                prop_assert_eq!(&rule.name, &format!("rule {first}"), "the first in the file");
            }
        }
    }

    #[test]
    fn neither_the_order_of_rules_nor_their_names_decide(
        file in generate::file(),
        seen in assumptions(),
        order in Just((0..5).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let order: Vec<usize> = order.into_iter().filter(|&it| it < file.rules.len()).collect();
        let one = compiled(&file.in_order())?;
        let other = compiled(&file.written(&order, |index| format!("{} of another name", 9 - index)))?;
        for seen in seen {
            let (one, other) = (decided(&seen, &one), decided(&seen, &other));
            prop_assert_eq!(one.complaints().count(), other.complaints().count());
            // Of several rules with as few faults the first is told, and so are its faults.
            let parameters = one.complaints().any(|it| it.rule.is_some() && it.check.id != "expired-rule");
            if !parameters {
                prop_assert_eq!(one.outcome, other.outcome);
                prop_assert_eq!(checks(&one), checks(&other));
            }
        }
    }

}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn a_suggestion_settles_what_was_seen_and_nothing_wider(
        file in generate::file(),
        seen in assumptions(),
    ) {
        let text = file.in_order();
        let allowlist = compiled(&text)?;
        for one in &seen {
            let decision = decided(one, &allowlist);
            for finding in decision.complaints() {
                let Some(suggestion) = &finding.suggestion else { continue };
                let pasted = compiled(&format!("{text}\n{suggestion}"))?;
                let after = decided(one, &pasted).outcome;
                prop_assert_eq!(after, Outcome::Expected, "{}\n{}\n{:?}", text, suggestion, one);
                for other in &seen.iter().flat_map(|other| crossed(one, other)).collect::<Vec<_>>() {
                    let (before, after) = (decided(other, &allowlist), decided(other, &pasted));
                    if before.outcome != Outcome::Expected && after.outcome == Outcome::Expected {
                        prop_assert!(covered(one, other), "{}\n{:?}\n{:?}", suggestion, one, other);
                    }
                }
            }
        }
    }
}

#[test]
fn random_files_and_assumptions_meet_every_answer() {
    let mut runner = TestRunner::deterministic();
    let mut met = BTreeMap::<String, u32>::new();
    for _ in 0..300 {
        let file = generate_one(&mut runner, &generate::file().boxed());
        for seen in generate_one(&mut runner, &assumptions().boxed()) {
            let allowlist = compile(&file.in_order()).unwrap().0;
            let decision = decided(&seen, &allowlist);
            *met.entry(format!("{:?}", decision.outcome)).or_default() += 1;
            for finding in decision.complaints() {
                *met.entry(finding.check.id.to_owned()).or_default() += 1;
                if finding.suggestion.is_some() {
                    *met.entry(format!("suggestion for {}", finding.check.id))
                        .or_default() += 1;
                }
            }
        }
    }
    let unmet: Vec<&str> = rolewatch::checks::ALL
        .iter()
        .filter(|check| check.needs.is_empty())
        .map(|check| check.id)
        .filter(|id| *id != "unreadable-record" && met.get(*id).is_none_or(|times| *times < 5))
        .collect();
    assert!(unmet.is_empty(), "{unmet:?} in {met:#?}");
}

fn generate_one<T: std::fmt::Debug>(runner: &mut TestRunner, strategy: &BoxedStrategy<T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// `one`, each time with something of `other`.
fn crossed(one: &Seen, other: &Seen) -> Vec<Seen> {
    let but = |change: &dyn Fn(&mut Seen)| {
        let mut seen = one.clone();
        change(&mut seen);
        seen
    };
    let ids = |subject: &mut Subject, ids: Option<(u64, u64)>| {
        if let Subject::Standard { owner, name, .. } = subject {
            owner.id = ids.map(|it| it.0);
            name.id = ids.map(|it| it.1);
        }
    };
    vec![
        other.clone(),
        but(&|it| it.role = other.role),
        but(&|it| it.issuer = generate::ENTERPRISE),
        but(&|it| it.audience = other.audience),
        but(&|it| it.session = other.session),
        but(&|it| it.subject = other.subject.clone()),
        but(&|it| ids(&mut it.subject, None)),
        but(&|it| ids(&mut it.subject, Some((1, 6)))),
        but(&|it| ids(&mut it.subject, Some((2, 5)))),
        but(&|it| {
            if let (
                Subject::Standard { context, .. },
                Subject::Standard {
                    context: others, ..
                },
            ) = (&mut it.subject, &other.subject)
            {
                *context = others.clone();
            }
        }),
    ]
}

/// Whether `other` is no more than `one`. A classic subject's repository is known by its name
/// alone, whatever ids come with it later.
fn covered(one: &Seen, other: &Seen) -> bool {
    let (Session::Requested(most) | Session::Measured(most)) = one.session else {
        return covered(
            &Seen {
                session: Session::Requested(3600),
                ..one.clone()
            },
            other,
        );
    };
    let length = match other.session {
        Session::Requested(seconds) => seconds,
        Session::Measured(seconds) => seconds.saturating_sub(5),
        Session::Assumed => 3600,
    };
    let same_subject = match (&one.subject, &other.subject) {
        (
            Subject::Standard {
                owner,
                name,
                context,
            },
            Subject::Standard {
                owner: other_owner,
                name: other_name,
                context: other_context,
            },
        ) if owner.id.is_none() => {
            (owner.text, name.text, context) == (other_owner.text, other_name.text, other_context)
        }
        (one, other) => one == other,
    };
    let parameters = |it: &Seen| (it.role, it.issuer, it.audience);
    same_subject && parameters(one) == parameters(other) && length <= most.max(900)
}

fn rule(repository: &str, context: &str) -> String {
    format!(
        "version = 1\n[[allow]]\nname = 'r'\nroles = ['arn:aws:iam::123456789012:role/deploy']\n\
         repositories = ['{repository}']\ncontexts = ['{context}']\n"
    )
}

fn expects(allowlist: &str, subject: &str) -> bool {
    let (allowlist, _) = compile(allowlist).unwrap();
    let assumption = serde_json::json!({
        "event_id": "e", "time": "2026-11-20T10:15:00Z", "account": null, "region": null,
        "role_arn": "arn:aws:iam::123456789012:role/deploy", "role_session_name": null,
        "issuer": "https://token.actions.githubusercontent.com", "subject": subject,
        "audience": "sts.amazonaws.com", "session": {"Requested": 900}, "source_ip": null,
        "user_agent": null, "access_key_id": null, "outcome": "Issued",
    });
    let assumption: rolewatch::assumption::Assumption = serde_json::from_value(assumption).unwrap();
    decide(&assumption.into(), &allowlist).outcome == Outcome::Expected
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn only_the_owner_is_the_owner(owner in "[A-Za-z0-9-]{1,12}", name in "[A-Za-z0-9._-]{1,12}") {
        for owner in [owner.clone(), format!("acme{owner}"), format!("{owner}acme"), format!("acme-{owner}")] {
            for repository in [format!("{owner}/{name}"), format!("{owner}@1/{name}@2")] {
                let subject = format!("repo:{repository}:ref:refs/heads/main");
                let expected = expects(&rule("acme/*", "branch:main"), &subject);
                prop_assert_eq!(expected, owner == "acme", "{}", subject);
            }
        }
    }

    #[test]
    fn only_the_repository_is_the_repository(name in "[A-Za-z0-9._-]{1,12}", ids in any::<bool>()) {
        for name in [name.clone(), format!("app{name}"), format!("{name}app"), format!("app-{name}")] {
            let repository = if ids { format!("acme@1/{name}@2") } else { format!("acme/{name}") };
            let subject = format!("repo:{repository}:environment:prod");
            let expected = expects(&rule("acme/app", "environment:prod"), &subject);
            prop_assert_eq!(expected, name == "app", "{}", subject);
        }
    }

    #[test]
    fn no_name_of_a_branch_tag_or_environment_passes_for_another(name in "[a-zA-Z0-9/._@%-]{1,16}") {
        for (suffix, passes) in [
            (format!("ref:refs/tags/{name}"), false),
            (format!("environment:{name}"), false),
            (format!("environment:{name}:ref:refs/heads/main"), false),
            (format!("ref:refs/heads/{name}"), name == "main"),
            (format!("ref:refs/heads/{name}:ref:refs/heads/main"), false),
        ] {
            let subject = format!("repo:acme/app:{suffix}");
            prop_assert_eq!(expects(&rule("acme/app", "branch:main"), &subject), passes, "{}", subject);
        }
    }
}
