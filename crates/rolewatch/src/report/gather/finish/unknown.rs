//! What cannot be known, and why: said plainly, so that nobody takes it for none.

use super::super::Gatherer;
use crate::report::model::{Coverage, NotKnown, Report, Source};

pub(super) fn not_known(of: &Gatherer<'_>, report: &Report) -> Vec<NotKnown> {
    let mut list = Vec::new();
    let mut say = |what: &str, unknown: bool, why: String| {
        if unknown {
            list.push(NotKnown {
                what: what.to_owned(),
                why,
            });
        }
    };
    let begins = match of.known_since {
        Some(since) => format!("records begin on {since}"),
        None => "nothing is recorded".to_owned(),
    };
    let from = match of.source {
        Source::Archives => "not known from archives",
        Source::Store => "not known from a store alone",
        Source::Service => "not measured",
    };
    let memory = "not known from archives: it takes a memory of earlier events";
    say(
        "period",
        report.period.known != Coverage::Whole,
        of.why_not_whole(),
    );
    say(
        "before",
        report.before.known != Coverage::Whole,
        begins.clone(),
    );
    say(
        "findings.not_asked",
        !report.findings.not_asked.is_empty(),
        memory.into(),
    );
    say(
        "findings.snoozes",
        report.findings.snoozes.is_none(),
        from.into(),
    );
    say("news", report.news.since.is_none(), begins.clone());
    say(
        "tighten.idle_rules",
        report.tighten.idle_rules.is_none(),
        format!("{begins}; it takes 30 days"),
    );
    say(
        "denied.probing",
        report.denied.probing.is_none(),
        memory.into(),
    );
    let trust = match of.source {
        Source::Service => "the trust function does not exist yet",
        _ => from,
    };
    say("trust", report.trust.is_none(), trust.into());
    let awake = &report.awake;
    say("awake.canaries", awake.canaries.is_none(), from.into());
    let lag = match of.source {
        Source::Archives => "not known from archives: they do not tell when an event was judged",
        _ => "no event was judged as it came",
    };
    say("awake.lag", awake.lag.is_none(), lag.into());
    say("awake.reconciled", awake.reconciled.is_none(), from.into());
    say(
        "awake.dead_letters",
        awake.dead_letters.is_none(),
        from.into(),
    );
    say(
        "awake.failed_deliveries",
        awake.failed_deliveries.is_none(),
        from.into(),
    );
    say(
        "awake.allowlist_versions",
        awake.allowlist_versions.is_none(),
        from.into(),
    );
    list
}
