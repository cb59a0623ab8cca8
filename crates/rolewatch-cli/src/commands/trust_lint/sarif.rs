//! Lints as SARIF 2.1.0, as far as GitHub code scanning reads it ("SARIF support for code
//! scanning" in GitHub's documentation).

mod format;

use std::io::{self, Write};

use iam_trust::{ALL, Check, Problem};
use rolewatch::finding::Severity;
use rolewatch::rendering::json::write_line;

use self::format::{
    Artifact, Configuration, Driver, Help, Invocation, Location, Log, Message, Notification,
    PhysicalLocation, Properties, Region, Rule, Run, SCHEMA, SarifResult, Tool,
};
use super::{Found, Report, severity};

pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "rolewatch",
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: ALL.iter().map(|check| rule(check)).collect(),
            },
        },
        column_kind: "unicodeCodePoints",
        invocations: [Invocation {
            execution_successful: report.failed.is_empty(),
            tool_execution_notifications: notifications(report),
        }],
        results: report.found.iter().map(result).collect(),
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    };
    write_line(out, &log)?;
    writeln!(out)
}

fn rule(check: &Check) -> Rule {
    let severity = severity(check.severity);
    Rule {
        id: check.id,
        name: check.id,
        short_description: Message::of(check.title),
        full_description: Message::of(check.title),
        help: Help {
            text: check.explanation,
            markdown: check.explanation,
        },
        default_configuration: Configuration {
            level: level(severity),
        },
        properties: Properties {
            tags: ["security", "aws", "oidc"],
            precision: "very-high",
            security_severity: security_severity(severity),
        },
    }
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

/// What was not understood, and what could not be read.
fn notifications(report: &Report<'_>) -> Vec<Notification> {
    let told = |name: &String| report.problems.iter().any(|(file, _)| file == name);
    let unread = report.failed.iter().filter(|name| !told(name));
    let problems = report.problems.iter();
    problems
        .map(|(file, problem)| notification(file, problem))
        .chain(unread.map(|name| Notification {
            level: "error",
            message: Message::of(format!("{name} could not be read")),
            locations: Vec::new(),
        }))
        .collect()
}

fn notification(file: &str, problem: &Problem) -> Notification {
    let place = &problem.place;
    Notification {
        level: "error",
        message: Message::of(problem.to_string()),
        locations: vec![location(file, place.line, place.column)],
    }
}

fn location(file: &str, line: usize, column: usize) -> Location {
    Location {
        physical_location: PhysicalLocation {
            artifact_location: Artifact { uri: uri(file) },
            region: Region {
                start_line: line.max(1),
                start_column: column.max(1),
            },
        },
    }
}

/// A file's path as a URI reference (RFC 3986), relative where the path is.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let path = match path {
        "-" => "stdin",
        path => path.strip_prefix("./").unwrap_or(path),
    };
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// Code scanning's own scale: above 9.0 critical, from 7.0 high, from 4.0 medium, else low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Info => "0.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("./a b/größe.json"), "a%20b/gr%C3%B6%C3%9Fe.json");
        assert_eq!(uri("/tmp/x#y.json"), "file:///tmp/x%23y.json");
        assert_eq!(uri("-"), "stdin");
    }
}
