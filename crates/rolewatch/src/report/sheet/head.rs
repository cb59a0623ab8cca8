//! What stands above all else.

use super::Tone;
use crate::finding::Severity;
use crate::report::model::{Coverage, Report};
use crate::report::words::number;

pub(super) fn tone(report: &Report) -> Tone {
    let open = || report.findings.worst.items.iter().filter(|it| it.open);
    if open().any(|it| it.severity >= Severity::High) {
        return Tone::Alarmed;
    }
    let lost = |count: Option<u64>| count.is_some_and(|count| count > 0);
    let incomplete = !report.failed_inputs.is_empty()
        || report.period.known != Coverage::Whole
        || lost(report.awake.dead_letters)
        || lost(report.awake.failed_deliveries);
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
    if let Some(why) = report.why_unknown("period") {
        notes.push(format!("Not the whole period is known: {why}."));
    } else if let Some(why) = report.why_unknown("before") {
        let known = match report.before.known {
            Coverage::Partly => "only partly known",
            _ => "not known",
        };
        notes.push(format!("The period before is {known}: {why}."));
    }
    notes
}
