//! Findings of a replay as SARIF: each at the allowlist, which is the file to change where it was
//! wanted.

use std::io::{self, Write};
use std::path::Path;

use rolewatch::checks;
use rolewatch::finding::Finding;
use rolewatch::rendering::terminal::cut_to;

use crate::reading::Inputs;
use crate::sarif::{self, Invocation, Message, Notification, SarifResult, level, location, rule};

/// GitHub takes so many results of a run, and shows a fifth of them.
const MOST: usize = 25_000;
/// A message is cut to so many characters.
const LONGEST: usize = 1000;

/// Findings on their way into one document.
#[derive(Default)]
pub(super) struct Sarif {
    results: Vec<SarifResult<'static>>,
    left_out: u64,
}

impl Sarif {
    pub(super) fn add(&mut self, finding: &Finding, allowlist: &Path) {
        if self.results.len() == MOST {
            self.left_out += 1;
            return;
        }
        let text = format!("{}. {}", finding.title, finding.message);
        let id = finding.check.id;
        self.results.push(SarifResult {
            rule_id: id,
            rule_index: checks::ALL.iter().position(|check| check.id == id),
            level: level(finding.check.severity),
            message: Message::of(cut_to(&text, LONGEST)),
            locations: [location(&allowlist.to_string_lossy(), 1, 1)],
            // Findings alike are one alert of code scanning, which goes by this.
            partial_fingerprints: [("primaryLocationLineHash", format!("{}:1", finding.quiet))]
                .into(),
        });
    }

    pub(super) fn write(self, out: &mut impl Write, inputs: &Inputs) -> io::Result<()> {
        let rules = checks::ALL.iter().map(|check| {
            let about = (check.id, check.title, check.explanation);
            rule(about, check.severity)
        });
        let unread = inputs.failed.iter();
        let unread = unread.map(|name| format!("{name} could not be read, or not to its end"));
        let more = match self.left_out {
            0 => None,
            count => Some(format!("{count} further findings are left out")),
        };
        let notification = |text: String| Notification {
            level: "error",
            message: Message::of(text),
            locations: Vec::new(),
        };
        let invocation = Invocation {
            execution_successful: inputs.failed.is_empty(),
            tool_execution_notifications: unread.chain(more).map(notification).collect(),
        };
        sarif::write(out, rules.collect(), self.results, invocation)
    }
}
