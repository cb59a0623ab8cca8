//! Lints for people.

use std::io::{self, Write};

use iam_trust::{STS_AUDIENCE, Witness};
use rolewatch::finding::Severity;

use super::{Found, Report, severity};
use crate::diff::changed_lines;
use crate::lines::Lines;
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
    let counted = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    writeln!(
        out,
        "{} in {}",
        counted(report.roles, "role"),
        counted(report.files, "file")
    )?;
    let of = |wanted: Severity| {
        let found = report.found.iter();
        let count = found
            .filter(|it| severity(it.lint.severity) == wanted)
            .count();
        (count > 0).then(|| format!("{count} {}", wanted.as_str()))
    };
    let parts: Vec<_> = Severity::ALL.into_iter().rev().filter_map(of).collect();
    let lints = counted(report.found.len(), "lint");
    match &*parts {
        [] => writeln!(out, "no lints")?,
        parts => writeln!(out, "{lints}: {}", parts.join(", "))?,
    }
    if !report.failed.is_empty() {
        let failed = counted(report.failed.len(), "file");
        writeln!(out, "{failed} could not be read, or not wholly")?;
    }
    Ok(())
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
