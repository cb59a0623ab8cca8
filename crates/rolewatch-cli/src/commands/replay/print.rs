//! What a replay prints.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::Utc;
use rolewatch::allowlist::{Allowlist, Mode};
use rolewatch::finding::{Finding, Severity};
use rolewatch::rendering::json::{write_finding, write_line};
use rolewatch::rendering::text::{self, Colour, Repeats};
use rolewatch::rendering::{ocsf, slack};
use rolewatch::tally::Tally;
use serde::Serialize;

use super::sarif::Sarif;
use crate::args::ReplayFormat;
use crate::output::{Output, Reader, colour, stdout};
use crate::reading::Inputs;

/// Findings alike are counted up to so many kinds; from there on each is shown in full.
const MOST_KINDS: usize = 100_000;

/// Prints findings, then a summary.
pub(super) struct Printer {
    out: BufWriter<Output>,
    format: ReplayFormat,
    colour: Colour,
    /// By check, role and subject: the id of the finding that was printed in full. Subjects are
    /// long and an attacker's, so they are kept as hashes.
    shown: HashMap<u64, String>,
    hasher: RandomState,
    /// Findings like one of those, not yet printed.
    pending: Option<Pending>,
    /// Findings that are printed as one document.
    sarif: Sarif,
    /// Where the allowlist is.
    allowlist: PathBuf,
}

/// Findings of one kind in a row.
struct Pending {
    kind: u64,
    like: String,
    count: u64,
    since: Option<String>,
    last: Finding,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    status: &'static str,
    records: u64,
    #[serde(flatten)]
    tally: &'a Tally,
    inputs: &'a Inputs,
}

impl Printer {
    pub(super) fn new(format: ReplayFormat, allowlist: &Path) -> Self {
        Self {
            out: stdout(),
            format,
            colour: colour(),
            shown: HashMap::new(),
            hasher: RandomState::new(),
            pending: None,
            sarif: Sarif::default(),
            allowlist: allowlist.to_owned(),
        }
    }

    pub(super) fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        match self.format {
            ReplayFormat::Text => return self.finding_text(finding),
            ReplayFormat::Json => write_finding(&mut self.out, finding)?,
            ReplayFormat::Sarif => {
                self.sarif.add(finding, &self.allowlist);
                return Ok(());
            }
            ReplayFormat::Ocsf => {
                let finding = ocsf::detection_finding(&finding.into(), Utc::now());
                write_line(&mut self.out, &finding)?;
            }
            ReplayFormat::Slack => write_line(&mut self.out, &slack::message(&finding.into()))?,
        }
        writeln!(self.out)
    }

    fn finding_text(&mut self, finding: &Finding) -> io::Result<()> {
        let kind = self.kind(finding);
        let Some(like) = kind.and_then(|kind| self.shown.get(&kind).cloned()) else {
            if let Some(kind) = kind
                && self.shown.len() < MOST_KINDS
            {
                self.shown.insert(kind, finding.id.clone());
            }
            self.flush_pending()?;
            return writeln!(self.out, "{}", text::finding(finding, self.colour));
        };
        match &mut self.pending {
            Some(pending) if Some(pending.kind) == kind => {
                pending.count += 1;
                pending.last = finding.clone();
            }
            _ => {
                self.flush_pending()?;
                self.pending = Some(Pending {
                    kind: kind.unwrap_or_default(),
                    like,
                    count: 1,
                    since: finding.event.as_ref().map(|event| event.time.clone()),
                    last: finding.clone(),
                });
            }
        }
        Ok(())
    }

    /// Findings of one kind are alike; one that is about no event, or about nobody that is known, is like no other.
    fn kind(&self, finding: &Finding) -> Option<u64> {
        let event = finding.event.as_ref()?;
        event.role_arn.as_ref().or(event.subject.as_ref())?;
        let kind = (
            finding.check.id,
            &event.account,
            &event.role_arn,
            &event.subject,
        );
        Some(self.hasher.hash_one(kind))
    }

    fn flush_pending(&mut self) -> io::Result<()> {
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        let repeats = Repeats {
            count: pending.count,
            like: &pending.like,
            since: pending.since.as_deref(),
            last: &pending.last,
        };
        writeln!(self.out, "{}", text::repeats(&repeats, self.colour))
    }

    pub(super) fn summary(
        mut self,
        tally: &Tally,
        inputs: &Inputs,
        allowlist: &Allowlist,
    ) -> io::Result<Reader> {
        self.flush_pending()?;
        match self.format {
            ReplayFormat::Json => {
                let line = SummaryLine {
                    r#type: "summary",
                    schema: "rolewatch.replay/1",
                    status: status(tally, inputs),
                    records: inputs.records,
                    tally,
                    inputs,
                };
                write_line(&mut self.out, &line)?;
                writeln!(self.out)?;
            }
            ReplayFormat::Text => self.summary_text(tally, inputs, allowlist)?,
            ReplayFormat::Sarif => {
                std::mem::take(&mut self.sarif).write(&mut self.out, inputs)?;
            }
            ReplayFormat::Ocsf | ReplayFormat::Slack => {}
        }
        self.out.flush()?;
        Ok(self.out.get_ref().reader())
    }

    fn summary_text(
        &mut self,
        tally: &Tally,
        inputs: &Inputs,
        allowlist: &Allowlist,
    ) -> io::Result<()> {
        let out = &mut self.out;
        writeln!(out, "{} records in {} files", inputs.records, inputs.files)?;
        writeln!(
            out,
            "{} assumptions judged: {} expected, {} unexpected, {} denied, {} ignored",
            tally.judged, tally.expected, tally.unexpected, tally.denied, tally.ignored
        )?;
        writeln!(
            out,
            "{} of other issuers; {} duplicates; {} unreadable",
            tally.other, tally.duplicates, tally.unreadable
        )?;
        if allowlist.mode == Mode::Audit {
            writeln!(
                out,
                "the allowlist is in audit mode: the service would record and not alert"
            )?;
        }
        if !inputs.failed.is_empty() {
            writeln!(
                out,
                "INCOMPLETE: {} of the inputs could not be read, or not to their end",
                inputs.failed.len()
            )?;
        }
        match tally.findings.values().sum::<u64>() {
            0 if inputs.files == 0 => writeln!(out, "nothing was read"),
            0 => writeln!(out, "nothing unexpected"),
            count => writeln!(out, "{count} findings: {}", by_severity(tally)),
        }
    }
}

fn status(tally: &Tally, inputs: &Inputs) -> &'static str {
    if !inputs.failed.is_empty() {
        "incomplete"
    } else if tally.findings.is_empty() {
        "clean"
    } else {
        "findings"
    }
}

/// `2 critical, 6 high`, the worst first.
fn by_severity(tally: &Tally) -> String {
    let count = |severity: Severity| -> u64 {
        let of_severity =
            |id: &str| rolewatch::checks::find(id).is_some_and(|check| check.severity == severity);
        tally
            .findings
            .iter()
            .filter(|(id, _)| of_severity(id))
            .map(|(_, count)| count)
            .sum()
    };
    let words: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (count(severity), severity.as_str()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    words.join(", ")
}
