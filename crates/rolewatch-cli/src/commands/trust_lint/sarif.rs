//! Lints as SARIF.

use std::io::{self, Write};

use iam_trust::ALL;

use super::{Found, Report};
use crate::lints::severity;
use crate::sarif::{self, Invocation, Message, SarifResult, level, location, notifications, rule};

pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    let rules = ALL.iter().map(|check| {
        let about = (check.id, check.title, check.explanation);
        rule(about, severity(check.severity))
    });
    let invocation = Invocation {
        execution_successful: report.failed.is_empty(),
        tool_execution_notifications: notifications(&report.problems, &report.failed),
    };
    let results = report.found.iter().map(result).collect();
    sarif::write(out, rules.collect(), results, invocation)
}

fn result<'a>(found: &'a Found<'_>) -> SarifResult<'a> {
    let lint = &found.lint;
    let shown = lint.witness.as_ref().map(|witness| {
        let word = if witness.admitted {
            "gets in"
        } else {
            "stays out"
        };
        format!(". Witness: {} {word}", witness.subject())
    });
    let place = &lint.location;
    SarifResult {
        rule_id: lint.check,
        rule_index: ALL.iter().position(|check| check.id == lint.check),
        level: level(severity(lint.severity)),
        message: Message::of(format!("{}{}", lint.message, shown.unwrap_or_default())),
        locations: [location(found.file, place.line, place.column)],
        // The one fingerprint that code scanning goes by. It counts what is equal: nothing is, here.
        partial_fingerprints: [("primaryLocationLineHash", format!("{}:1", found.id))].into(),
    }
}
