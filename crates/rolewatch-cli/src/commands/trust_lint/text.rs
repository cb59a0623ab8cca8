//! Lints for people.

use std::io::{self, Write};

use iam_trust::{STS_AUDIENCE, Witness};

use super::{Found, Report};
use crate::diff::changed_lines;
use crate::lines::Lines;
use crate::lints::{counted, severity, write_end};
use crate::output::colour;
use crate::policies::label;

/// The most lines of a fix that are shown; `trust fix` shows all of it.
const MOST_FIX_LINES: usize = 12;

pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    for found in &report.found {
        let mut text = Lines::new(colour());
        lint(&mut text, found);
        text.blank();
        out.write_all(text.as_str().as_bytes())?;
    }
    writeln!(
        out,
        "{} in {}",
        counted(report.roles, "role"),
        counted(report.files, "file")
    )?;
    let severities = report.found.iter();
    let severities: Vec<_> = severities.map(|it| severity(it.lint.severity)).collect();
    write_end(out, &severities, &report.failed)
}

fn lint(text: &mut Lines, found: &Found<'_>) {
    let lint = &found.lint;
    let place = &lint.location;
    let rest = format!(
        "  {}  {}:{}:{}",
        lint.check, found.file, place.line, place.column
    );
    text.graded(severity(lint.severity), &rest);
    text.prose(2, &lint.message);
    if let Some(role) = found.role_arn.or(label(found.role)) {
        text.field("role", role);
    }
    if let Some(witness) = &lint.witness {
        show_witness(text, witness);
    }
    text.field("at", &place.pointer);
    text.field("lint", &found.id);
    if let Some(fix) = &lint.fix {
        let lines = changed_lines(&found.role.policy.text, &fix.policy);
        text.line(if found.role.can_be_edited() {
            "  fix (rolewatch trust fix shows and writes it):"
        } else {
            "  fix (by hand, in the source):"
        });
        for line in lines.iter().take(MOST_FIX_LINES) {
            text.line(&format!("    {line}"));
        }
        if lines.len() > MOST_FIX_LINES {
            text.line(&format!(
                "    … {} lines more",
                lines.len() - MOST_FIX_LINES
            ));
        }
    }
}

fn show_witness(text: &mut Lines, witness: &Witness) {
    let label = if witness.admitted {
        "gets in"
    } else {
        "stays out"
    };
    text.field(label, witness.subject());
    let claims = witness.claims();
    let usual = |name: &str, values: &[String]| name == "aud" && values == [STS_AUDIENCE];
    let others: Vec<String> = claims
        .iter()
        .chain(&witness.request.context)
        .filter(|(name, values)| !usual(name, values))
        .map(|(name, values)| format!("{name}={}", values.join(" and ")))
        .collect();
    if !others.is_empty() {
        text.field("with", &others.join(", "));
    }
}
