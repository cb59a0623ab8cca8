//! A table for people: what is well in a line, what is not with its cure below.

use rolewatch::doctor::{Probe, Status};
use rolewatch::rendering::terminal::{WIDEST_LINE, escape, fold, wrap};
use rolewatch::rendering::text::Colour;

/// The column at which a message begins: behind the status and the longest name.
const STATUS: usize = 9;
/// Sentences are broken at this many columns; a name that is longer goes on.
const PROSE: usize = 120;

pub(super) fn text(probes: &[Probe], colour: Colour) -> String {
    let names = probes.iter().map(|it| it.name.len());
    let column = STATUS + names.max().unwrap_or_default() + 2;
    let mut text = String::new();
    for probe in probes {
        let status = colour.paint(paint(probe.status), probe.status.as_str());
        let room = " ".repeat(STATUS - probe.status.as_str().len());
        let head = format!(
            "{status}{room}{:<width$}",
            probe.name,
            width = column - STATUS
        );
        push(&mut text, &head, column, &probe.message);
        if let Some(cure) = &probe.cure {
            let head = format!("{:column$}", "");
            push(&mut text, &head, column + 2, &format!("> {cure}"));
        }
    }
    text.push('\n');
    text.push_str(&sum(probes));
    text.push('\n');
    text
}

/// Whole: what is too wide goes on in the next line.
fn push(text: &mut String, head: &str, column: usize, message: &str) {
    let lines = wrap(&escape(message), PROSE - column);
    let lines = lines
        .iter()
        .flat_map(|line| fold(line, WIDEST_LINE - column));
    for (place, line) in lines.enumerate() {
        if place == 0 {
            text.push_str(head);
        } else {
            text.push_str(&" ".repeat(column));
        }
        text.push_str(&line);
        text.push('\n');
    }
}

fn paint(status: Status) -> &'static str {
    match status {
        Status::Ok => "32",
        Status::Skipped | Status::Warn => "33",
        Status::Fail => "31",
    }
}

fn sum(probes: &[Probe]) -> String {
    let count = |status| probes.iter().filter(|it| it.status == status).count();
    let parts = [
        (Status::Fail, "broken"),
        (Status::Warn, "to know of"),
        (Status::Skipped, "not looked at"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(status, _)| count(*status) > 0)
        .map(|(status, word)| format!("{} {word}", count(status)))
        .collect();
    if parts.is_empty() {
        "all is well".to_owned()
    } else {
        format!("{}, {} well", parts.join(", "), count(Status::Ok))
    }
}
