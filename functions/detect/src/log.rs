//! One JSON line an event: what was decided, and how late.

use chrono::{DateTime, Utc};
use rolewatch::alert::Alert;
use rolewatch::pipeline::Report;
use rolewatch::rendering::json::write_line;
use rolewatch::store::{Disposition, StoreError};
use rolewatch::upkeep::Upkeep;
use serde::Serialize;

#[derive(Serialize)]
struct EventLine<'a> {
    level: &'static str,
    message: &'static str,
    item: &'a str,
    account: Option<&'a str>,
    event_id: &'a str,
    decision: &'static str,
    /// Whether it was counted before, and is not again.
    seen: bool,
    /// The version of the allowlist that it was judged by; none where there is no good one.
    allowlist: Option<&'a str>,
    findings: Vec<&'static str>,
    ignored: usize,
    /// Findings that a snooze keeps quiet.
    snoozed: usize,
    /// From the call to now.
    lag_ms: Option<i64>,
}

#[derive(Serialize)]
struct ItemLine<'a> {
    level: &'static str,
    message: &'static str,
    item: &'a str,
    events: usize,
    published: usize,
    undone: Option<&'a str>,
}

#[derive(Serialize)]
struct SweepLine<'a> {
    level: &'static str,
    message: &'static str,
    published: usize,
    failures: &'a [String],
}

#[derive(Serialize)]
struct UpkeepLine<'a> {
    level: &'static str,
    message: &'static str,
    item: &'a str,
    region: Option<&'a str>,
    event_id: Option<&'a str>,
    call: Option<&'a str>,
    /// Whether it was not there before.
    new: bool,
}

#[derive(Serialize)]
struct DrillLine<'a> {
    level: &'static str,
    message: &'static str,
    item: &'a str,
    drill: &'a str,
    findings: Vec<&'a str>,
    /// Whether it was not there before.
    new: bool,
}

#[derive(Serialize)]
struct Trouble<'a> {
    level: &'static str,
    message: &'static str,
    why: &'a str,
    allowlist: Option<&'a str>,
}

/// Writes a line for each event of an item, and one for the item where it has none or failed.
pub(crate) fn report(report: &Report, allowlist: Option<&str>, now: DateTime<Utc>) {
    for judged in &report.events {
        let decision = &judged.decision;
        print(&EventLine {
            level: "info",
            message: "judged an event",
            item: &report.item,
            account: judged.observation.account(),
            event_id: judged.observation.identity(),
            decision: decision.outcome.as_str(),
            seen: judged.seen,
            allowlist,
            findings: decision
                .findings
                .iter()
                .map(|finding| finding.check.id)
                .collect(),
            ignored: decision.ignored.len(),
            snoozed: snoozed(&judged.findings),
            lag_ms: judged
                .observation
                .time()
                .map(|time| (now - time).num_milliseconds()),
        });
    }
    if report.undone.is_some() || report.events.is_empty() {
        print(&ItemLine {
            level: if report.undone.is_some() {
                "error"
            } else {
                "info"
            },
            message: if report.undone.is_some() {
                "an item has to come again"
            } else {
                "an item holds no assumption"
            },
            item: &report.item,
            events: report.events.len(),
            published: report.published,
            undone: report.undone.as_deref(),
        });
    }
}

fn snoozed(findings: &[Disposition]) -> usize {
    let snoozed = |it: &&Disposition| matches!(it, Disposition::Snoozed);
    findings.iter().filter(snoozed).count()
}

/// Writes what an item about the service itself was.
pub(crate) fn upkeep(item: &str, upkeep: &Upkeep) {
    let (message, region, deed, new) = match upkeep {
        Upkeep::Canary(canary, new) => ("heard a canary", Some(&canary.region), None, *new),
        Upkeep::Deed(deed, new) => (
            "saw rolewatch changed",
            Some(&deed.region),
            Some(deed),
            *new,
        ),
        Upkeep::Unrelated => (
            "an item holds a change of something else",
            None,
            None,
            false,
        ),
    };
    print(&UpkeepLine {
        level: "info",
        message,
        item,
        region: region.map(String::as_str),
        event_id: deed.map(|deed| deed.event_id.as_str()),
        call: deed.map(|deed| deed.call.as_str()),
        new,
    });
}

/// Writes what a drill was told as.
pub(crate) fn drill(item: &str, drill: &str, alerts: &[Alert], new: bool) {
    print(&DrillLine {
        level: "info",
        message: "took in a drill",
        item,
        drill,
        findings: alerts.iter().map(|alert| alert.check.as_str()).collect(),
        new,
    });
}

/// Writes a line for a sweep that found something.
pub(crate) fn swept(published: usize, failures: &[String]) {
    if published == 0 && failures.is_empty() {
        return;
    }
    print(&SweepLine {
        level: if failures.is_empty() { "info" } else { "error" },
        message: "told what was due",
        published,
        failures,
    });
}

/// Writes that news are told a little later than they could be.
pub(crate) fn not_swept(error: &StoreError) {
    print(&Trouble {
        level: "error",
        message: "what is due is told by the next sweep",
        why: &error.to_string(),
        allowlist: None,
    });
}

/// Writes that the store does not know yet which version is in force.
pub(crate) fn allowlist_not_recorded(version: Option<&str>, why: &str) {
    print(&Trouble {
        level: "error",
        message: "the allowlist's version could not be recorded; the next look tries again",
        why,
        allowlist: version,
    });
}

/// Writes a line.
pub(crate) fn print(line: &impl Serialize) {
    let mut text = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = write_line(&mut text, line);
    println!("{}", String::from_utf8_lossy(&text));
}
