//! Lints as SARIF.

use std::io::{self, Write};

use iam_trust::WORKFLOW_CHECKS;

use super::{Found, Report};
use crate::lints::severity;
use crate::sarif::{self, Invocation, Message, SarifResult, level, location, notifications, rule};

pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    let rules = WORKFLOW_CHECKS.iter().map(|check| {
        let about = (check.id, check.title, check.explanation);
        rule(about, severity(check.severity))
    });
    let files = report.files;
    let problems: Vec<_> = files
        .problems
        .iter()
        .map(|(file, it)| (&**file, it))
        .collect();
    let invocation = Invocation {
        execution_successful: files.failed.is_empty(),
        tool_execution_notifications: notifications(&problems, &files.failed),
    };
    let results = report.found.iter().map(result).collect();
    sarif::write(out, rules.collect(), results, invocation)
}

fn result<'a>(found: &'a Found<'_>) -> SarifResult<'a> {
    let lint = &found.lint;
    let place = &lint.location;
    SarifResult {
        rule_id: lint.check,
        rule_index: WORKFLOW_CHECKS.iter().position(|it| it.id == lint.check),
        level: level(severity(lint.severity)),
        message: Message::of(format!("{}. {}", lint.message, lint.help)),
        locations: [location(found.file, place.line, place.column)],
        partial_fingerprints: [("primaryLocationLineHash", format!("{}:1", found.id))].into(),
    }
}
