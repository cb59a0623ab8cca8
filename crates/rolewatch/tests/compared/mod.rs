//! Two allowlists on one history: what changes is what is told by one and not by the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use proptest::prelude::*;
use rolewatch::allowlist::Allowlist;
use rolewatch::comparison::{Compared, Comparison, Direction};

use super::oracle::model::Seen;
use super::{assumptions, cases, compiled, decided, generate};

fn compared(old: &Allowlist, new: &Allowlist, history: &[Seen]) -> Compared {
    let mut comparison = Comparison::new(old, new);
    for seen in history {
        comparison.see(&seen.assumption().into());
    }
    comparison.finish(NaiveDate::MIN)
}

/// What changes in one direction: who, by which rule, and how often.
fn changes(compared: &Compared, direction: Direction) -> BTreeMap<Vec<String>, u64> {
    let of = compared.of(direction).map(|change| {
        let kind = &change.kind;
        let by = kind.rule.clone().unwrap_or_default();
        let (role, subject) = (kind.role_arn.clone(), kind.subject.clone());
        let key = vec![
            role,
            subject,
            kind.issuer.clone(),
            by,
            kind.checks.join(" "),
        ];
        (key, change.count)
    });
    of.collect()
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_comparison_is_the_difference_of_two_judgements(
        old in generate::file(),
        new in generate::file(),
        history in assumptions(),
    ) {
        let (old, new) = (compiled(&old.in_order())?, compiled(&new.in_order())?);
        let forth = compared(&old, &new, &history);
        let told = |seen: &Seen, by| !decided(seen, by).findings.is_empty();
        let count = |was: bool, is: bool| {
            let changed = history.iter().filter(|it| told(it, &old) == was && told(it, &new) == is);
            changed.count() as u64
        };
        prop_assert_eq!(forth.events(Direction::NewlyExpected), count(true, false));
        prop_assert_eq!(forth.events(Direction::NewlyUnexpected), count(false, true));
        let checks = |seen: &Seen, by| -> BTreeSet<&str> {
            let findings = decided(seen, by).findings;
            findings.iter().map(|it| it.check.id).collect()
        };
        let others = history.iter().filter(|it| {
            told(it, &old) && told(it, &new) && checks(it, &old) != checks(it, &new)
        });
        prop_assert_eq!(forth.events(Direction::StillUnexpected), others.count() as u64);
        for change in &forth.changes {
            let by = match change.kind.direction {
                Direction::NewlyExpected => &new,
                Direction::NewlyUnexpected | Direction::StillUnexpected => &old,
            };
            // Whoever it names is expected by the rule that it names.
            let is_it = |seen: &&Seen| {
                let it = seen.assumption();
                (it.role_arn, it.subject)
                    == (change.kind.role_arn.clone(), change.kind.subject.clone())
            };
            let Some(rule) = &change.kind.rule else { continue };
            let rules: Vec<_> = history
                .iter()
                .filter(is_it)
                .filter_map(|it| decided(it, by).rule)
                .collect();
            prop_assert!(rules.contains(rule) && !change.kind.checks.is_empty());
        }
        let back = compared(&new, &old, &history);
        prop_assert_eq!(
            changes(&forth, Direction::NewlyExpected),
            changes(&back, Direction::NewlyUnexpected)
        );
        let mut backwards = history.clone();
        backwards.reverse();
        prop_assert_eq!(&forth.changes, &compared(&old, &new, &backwards).changes);
    }

    #[test]
    fn an_allowlist_compared_with_itself_changes_nothing(file in generate::file(), history in assumptions()) {
        let file = compiled(&file.in_order())?;
        let compared = compared(&file, &file, &history);
        prop_assert!(compared.changes.is_empty() && compared.without_effect.is_empty());
        prop_assert_eq!(compared.before, compared.after);
    }
}
