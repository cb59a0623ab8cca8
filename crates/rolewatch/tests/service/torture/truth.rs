//! What goes in, what it should come to, and what came of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use rolewatch::alert::{About, Alert};
use rolewatch::allowlist::Allowlist;
use rolewatch::detect::decide;
use rolewatch::pipeline::Item;

use super::repeats::Repeats;
use crate::harness::{Dice, PRODUCTION, event};

/// Events of one week: expected ones, strangers' branches, refused retries, other issuers'.
pub(super) fn events(count: u64, dice: &Dice) -> Vec<Item> {
    let staging = PRODUCTION.replace("Production", "Staging");
    (0..count)
        .map(|n| {
            let time = format!("2026-11-18T{:02}:{:02}:00Z", dice.below(24), dice.below(60));
            let id = format!("event-{n}");
            match dice.below(10) {
                0..4 => event(
                    &id,
                    PRODUCTION,
                    "repo:my-org/my-repo:environment:production",
                    &time,
                    None,
                ),
                4..6 => {
                    let branch = format!("repo:my-org/my-repo:ref:refs/heads/x{}", dice.below(40));
                    event(&id, PRODUCTION, &branch, &time, None)
                }
                6 => event(
                    &id,
                    &staging,
                    "repo:evil-org/x:ref:refs/heads/main",
                    &time,
                    None,
                ),
                7..9 => event(
                    &id,
                    PRODUCTION,
                    "repo:my-org/my-repo:pull_request",
                    &time,
                    Some("AccessDenied"),
                ),
                _ => event(
                    &id,
                    &staging,
                    "repo:my-org@111/my-repo@456789:ref:refs/heads/main",
                    &time,
                    None,
                ),
            }
        })
        .collect()
}

/// What the distinct events come to.
pub(super) struct Truth {
    /// Findings, by check.
    findings: BTreeMap<String, u64>,
    /// Events, by outcome.
    pub(super) outcomes: BTreeMap<String, u64>,
}

impl Truth {
    pub(super) fn of(items: &[Item], allowlist: &Allowlist) -> Self {
        let (mut findings, mut outcomes) = (BTreeMap::new(), BTreeMap::new());
        let mut seen = HashSet::new();
        for item in items.iter().filter(|item| seen.insert(&item.id)) {
            for observation in item.observations() {
                let decision = decide(&observation, allowlist);
                let outcome = format!("n:{}", decision.outcome.as_str());
                *outcomes.entry(outcome).or_default() += 1;
                for finding in decision.findings {
                    *findings.entry(finding.check.id.to_owned()).or_default() += 1;
                }
            }
        }
        Self { findings, outcomes }
    }

    /// Findings told of beyond the truth.
    fn excess(&self, told: &HashMap<String, u64>) -> u64 {
        let excess = |(check, wanted): (&String, &u64)| {
            told.get(check)
                .copied()
                .unwrap_or_default()
                .saturating_sub(*wanted)
        };
        self.findings.iter().map(excess).sum()
    }

    /// Nothing was lost, what was told twice has its reason; and where it is to be exact, nothing was told twice either.
    pub(super) fn assert_told(
        &self,
        alerts: &[Alert],
        repeats: &Repeats,
        exact: bool,
        table: &str,
    ) {
        let told = told(alerts);
        assert_eq!(0, repeats.without_reason, "told again for nothing\n{table}");
        assert!(
            self.excess(&told) <= repeats.unrecorded,
            "counted again for nothing\n{table}"
        );
        for (check, wanted) in &self.findings {
            let got = told.get(check).copied().unwrap_or_default();
            assert!(got >= *wanted, "findings were lost\n{table}");
            assert!(
                !exact || got == *wanted,
                "nothing died, and something was told twice\n{table}"
            );
        }
        let by_memory = |check: &str| BY_MEMORY.contains(&check);
        let known = |check: &String| self.findings.contains_key(check) || by_memory(check);
        assert!(told.keys().all(known), "a finding of nothing\n{table}");
    }
}

/// What was injected, and what arrived.
pub(super) fn table_of(
    count: u64,
    killed: u64,
    injected: &BTreeMap<&'static str, u64>,
    alerts: &[Alert],
    repeats: &Repeats,
    truth: &Truth,
) -> String {
    let told = told(alerts);
    let degraded = alerts.iter().filter(|alert| is_degraded(alert)).count();
    let allowlist = alerts.iter().filter(|it| it.about == About::Allowlist);
    let mut lines = vec![
        format!("{count} events, {} duplicates", count / 10),
        format!("  injected {killed:>8}  process: killed"),
    ];
    let injected = injected.iter();
    lines.extend(injected.map(|(what, times)| format!("  injected {times:>8}  {what}")));
    lines.push(format!("  alerts   {:>8}  arrived", alerts.len()));
    lines.extend(repeats.lines());
    lines.push(format!(
        "           {degraded:>8}  of them while the store was down"
    ));
    lines.push(format!(
        "           {:>8}  of them about the allowlist",
        allowlist.count()
    ));
    lines.push(format!(
        "           {:>8}  findings told by themselves and in a count, because it was not recorded",
        truth.excess(&told)
    ));
    for (check, wanted) in &truth.findings {
        let got = told.get(check).copied().unwrap_or_default();
        lines.push(format!("  findings {wanted:>8}  {check}, {got} told of"));
    }
    lines.join("\n") + "\n"
}

/// How many findings the alerts tell of, each alert counted once however often it came.
fn told(alerts: &[Alert]) -> HashMap<String, u64> {
    let mut told = HashMap::new();
    let mut seen = HashSet::new();
    let about_events = |alert: &&Alert| !is_degraded(alert) && alert.about != About::Allowlist;
    for alert in alerts.iter().filter(about_events) {
        if !seen.insert(&alert.id) {
            continue;
        }
        let gathered = alert.severity <= rolewatch::finding::Severity::Low;
        let findings = alert.repeats.map_or(1, |repeats| {
            repeats + u64::from(gathered && !alert.title.contains(" more: "))
        });
        *told.entry(alert.check.clone()).or_default() += findings;
    }
    told
}

/// Told while the store was down: the same finding is told of again by its window.
pub(super) fn is_degraded(alert: &Alert) -> bool {
    alert.message.contains("memory is down")
}

/// Checks of which the ledger adds findings by memory; the truth without memory knows none.
const BY_MEMORY: [&str; 4] = [
    "first-use",
    "probing",
    "classic-after-immutable",
    "repository-renamed",
];
