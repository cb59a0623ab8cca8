//! SARIF 2.1.0, as far as GitHub code scanning reads it ("SARIF support for code scanning" in
//! GitHub's documentation).

mod format;

use std::io::{self, Write};

use iam_trust::Problem;
use rolewatch::finding::Severity;
use rolewatch::rendering::json::write_line;

use self::format::{
    Artifact, Configuration, Driver, Help, Log, PhysicalLocation, Properties, Region, Run, SCHEMA,
    Tool,
};
pub(crate) use self::format::{Invocation, Location, Message, Notification, Rule, SarifResult};

/// Writes a log with one run.
pub(crate) fn write(
    out: &mut impl Write,
    rules: Vec<Rule>,
    results: Vec<SarifResult<'_>>,
    invocation: Invocation,
) -> io::Result<()> {
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "rolewatch",
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules,
            },
        },
        column_kind: "unicodeCodePoints",
        invocations: [invocation],
        results,
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    };
    write_line(out, &log)?;
    writeln!(out)
}

/// A check as a rule: its id, title and page.
pub(crate) fn rule(
    (id, title, explanation): (&'static str, &'static str, &'static str),
    severity: Severity,
) -> Rule {
    Rule {
        id,
        name: id,
        short_description: Message::of(title),
        full_description: Message::of(title),
        help: Help {
            text: explanation,
            markdown: explanation,
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

pub(crate) fn location(file: &str, line: usize, column: usize) -> Location {
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

/// What was not understood of files, and files that could not be read.
pub(crate) fn notifications(problems: &[(&str, &Problem)], failed: &[String]) -> Vec<Notification> {
    let told = |name: &String| problems.iter().any(|(file, _)| file == name);
    let unread = failed.iter().filter(|name| !told(name));
    let problems = problems.iter();
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

pub(crate) fn level(severity: Severity) -> &'static str {
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
