//! What stands above all else.

use super::Tone;
use crate::finding::Severity;
use crate::report::model::{Canaries, Coverage, Report, Source};
use crate::report::words::{Plural, number};

/// Regions that are named.
const NAMED: usize = 5;

pub(super) fn tone(report: &Report) -> Tone {
    let open = || report.findings.worst.items.iter().filter(|it| it.open);
    if open().any(|it| it.severity >= Severity::High) {
        return Tone::Alarmed;
    }
    let lost = |count: Option<u64>| count.is_some_and(|count| count > 0);
    let incomplete = !report.failed_inputs.is_empty()
        || report.period.known != Coverage::Whole
        || lost(report.awake.dead_letters)
        || lost(report.awake.failed_deliveries)
        || asleep(report).is_some();
    if incomplete || report.findings.audit || open().any(|it| it.severity >= Severity::Medium) {
        Tone::Concerned
    } else {
        Tone::Calm
    }
}

pub(super) fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    if !report.failed_inputs.is_empty() {
        notes.push(format!(
            "Incomplete: not read to the end, and missing everywhere below: {}.",
            report.failed_inputs.join(", ")
        ));
    }
    if report.findings.audit {
        notes.push(
            "The allowlist is in audit mode: findings are recorded, and nobody is alerted.".into(),
        );
    }
    notes.extend(asleep(report));
    let waiting = |what: &str, count: Option<u64>| {
        let count = count.filter(|count| *count > 0)?;
        Some(format!("{} {what}.", number(count)))
    };
    notes.extend(waiting(
        "of the events that came to this region could not be handled, and wait in dead-letter queues",
        report.awake.dead_letters,
    ));
    notes.extend(waiting(
        "of the alerts could not be delivered, and wait in their dead-letter queue",
        report.awake.failed_deliveries,
    ));
    notes.extend(waiting(
        "of the events did not come by themselves: CloudTrail's history had them, and they were judged late",
        report.awake.reconciled.map(|it| it.now),
    ));
    let period = report.why_unknown("period");
    notes.extend(period.map(|why| format!("Not the whole period is known: {why}.")));
    // Where records begin within the period, it goes without saying.
    let before = report.why_unknown("before");
    let before = before.filter(|why| !period.is_some_and(|period| period.contains(why)));
    if let Some(why) = before {
        let known = match report.before.known {
            Coverage::Partly => "only partly known",
            _ => "not known",
        };
        notes.push(format!("The period before is {known}: {why}."));
    }
    notes
}

/// That the watcher was not awake, or that nobody can tell.
fn asleep(report: &Report) -> Option<String> {
    match &report.awake.canaries {
        Some(canaries) => canaries.are_missing().then(|| missing(canaries)),
        // Where nothing is recorded at all, that is said.
        None if report.source == Source::Service && report.period.known != Coverage::Unknown => {
            Some(
                "Nobody can tell whether the watcher was awake: no canary came, nor in the 30 days before.".into(),
            )
        }
        None => None,
    }
}

fn missing(canaries: &Canaries) -> String {
    let due = canaries.due.now.of("canary", "canaries");
    let silent = &canaries.silent;
    let when = match canaries.received.now {
        0 => return format!("The watcher was not awake: none of {due} came."),
        _ if silent.is_empty() => "all the time",
        _ => "everywhere",
    };
    let none = match silent.len() {
        0 => String::new(),
        many => {
            let names = silent.iter().take(NAMED).map(String::as_str);
            let more = match many.saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {} more", (more as u64).of("region", "regions")),
            };
            let names: Vec<&str> = names.collect();
            format!(", none from {}{more}", names.join(", "))
        }
    };
    let received = number(canaries.received.now);
    format!("The watcher was not awake {when}: {received} of {due} came{none}.")
}
