//! What was complained of.

use super::super::Gatherer;
use crate::allowlist::Mode;
use crate::checks::{self, Check};
use crate::report::model::{Change, CheckCount, Findings, Silence, Snooze, Source};

pub(super) fn findings(of: &Gatherer<'_>, snoozes: Option<Vec<Snooze>>) -> Findings {
    let checks: Vec<CheckCount> = checks::ALL
        .iter()
        .filter_map(|check| count(of, check))
        .collect();
    let sum =
        |number: fn(&Change) -> Option<u64>| checks.iter().map(|it| number(&it.findings)).sum();
    let asked = |check: &Check| of.source != Source::Archives || check.needs.is_empty();
    Findings {
        total: Change {
            now: checks.iter().map(|it| it.findings.now).sum(),
            before: if of.compares() {
                sum(|it| it.before)
            } else {
                None
            },
        },
        not_asked: checks::ALL
            .iter()
            .filter(|it| !asked(it))
            .map(|it| it.id.to_owned())
            .collect(),
        worst: super::worst::worst(of),
        audit: of.allowlist.mode == Mode::Audit,
        silences: silences(of),
        snoozes,
        checks,
    }
}

fn count(of: &Gatherer<'_>, check: &'static Check) -> Option<CheckCount> {
    let findings = of.change_of(|span| &span.checks, check.id);
    let silenced = of.change_of(|span| &span.silenced, check.id);
    let all = [
        Some(findings.now),
        findings.before,
        Some(silenced.now),
        silenced.before,
    ];
    if all.into_iter().flatten().all(|count| count == 0) {
        return None;
    }
    let (current, previous) = (&of.current.kinds.0, &of.previous.kinds.0);
    let of_check = |(id, _): &&(&str, String)| *id == check.id;
    let counted = |count: usize| of.compares().then_some(count as u64);
    let had = |key: &&(&'static str, String)| previous.contains_key(*key);
    Some(CheckCount {
        check: check.id.to_owned(),
        severity: check.severity,
        title: check.title.to_owned(),
        findings,
        silenced,
        new: counted(
            current
                .keys()
                .filter(of_check)
                .filter(|key| !had(key))
                .count(),
        ),
        repeated: counted(current.keys().filter(of_check).filter(had).count()),
        resolved: counted(
            previous
                .keys()
                .filter(of_check)
                .filter(|key| !current.contains_key(*key))
                .count(),
        ),
    })
}

fn silences(of: &Gatherer<'_>) -> Vec<Silence> {
    let ignores = of.allowlist.ignores.iter().enumerate();
    ignores
        .filter(|(_, ignore)| ignore.until >= of.period.last)
        .map(|(place, ignore)| Silence {
            check: ignore.check.to_owned(),
            about: ignore.about(),
            reason: ignore.reason.clone(),
            until: ignore.until,
            silenced: of.change(|span| span.silences.get(&place).copied().unwrap_or_default()),
        })
        .collect()
}
