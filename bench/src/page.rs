//! The results as a page.

use std::fmt::Write;

use crate::archives::{Archive, Plan, SEED};
use crate::machine;
use crate::measure::Measured;
use crate::rivals::RIVALS;
use crate::run::ALLOWLIST;
use crate::steps::Steps;
use crate::targets::Results;

/// A contender's line of a table.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    measured: Option<Measured>,
    /// Its version, or why it has no result.
    note: String,
}

impl Row {
    pub(crate) fn measured(name: &str, measured: Measured) -> Self {
        Self::noted(name, measured, String::new())
    }

    pub(crate) fn noted(name: &str, measured: Measured, note: String) -> Self {
        Self {
            name: name.to_owned(),
            measured: Some(measured),
            note,
        }
    }

    pub(crate) fn absent(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            measured: None,
            note: "not at hand".to_owned(),
        }
    }
}

/// The page, as far as it is written.
#[derive(Debug)]
pub(crate) struct Page {
    tables: String,
    extras: String,
    results: Results,
    percent: u64,
    rounds: u64,
    load: String,
}

impl Page {
    pub(crate) fn new(percent: u64, rounds: u64) -> Self {
        Self {
            tables: String::new(),
            extras: String::new(),
            results: Results::default(),
            percent,
            rounds,
            load: machine::load(),
        }
    }

    /// An archive's contenders; the first is what the others are compared with.
    pub(crate) fn table(&mut self, plan: &Plan, archive: &Archive, rows: Vec<Row>) {
        let (truth, title) = (&archive.truth, plan.title);
        let _ = write!(
            self.tables,
            "\n## {title}\n\n{} records, {} files, {:.0} MB of JSON, {:.0} MB stored. Planted and found: {} assumptions: {} \
             expected, {}\nunexpected, {} denied, {} of other issuers.\n\n\
             | | CPU s | ratio | wall s | ratio | peak MiB | |\n|---|---:|---:|---:|---:|---:|---|\n",
            truth.records,
            archive.files,
            mega(archive.json),
            mega(archive.stored),
            truth.assumptions,
            truth.expected,
            truth.unexpected,
            truth.denied,
            truth.other,
        );
        let floor = rows.first().and_then(|row| row.measured.clone());
        let ratio = |value: f64, floor: Option<f64>| {
            floor.map_or_else(String::new, |floor| format!("{:.2}", value / floor))
        };
        for row in &rows {
            let _ = match &row.measured {
                Some(it) => writeln!(
                    self.tables,
                    "| {} | {:.2} | {} | {:.2} | {} | {:.1} | {} |",
                    row.name,
                    it.cpu,
                    ratio(it.cpu, floor.as_ref().map(|floor| floor.cpu)),
                    it.wall,
                    ratio(it.wall, floor.as_ref().map(|floor| floor.wall)),
                    kib_to_mib(it.kib),
                    row.note
                ),
                None => writeln!(self.tables, "| {} | | | | | | {} |", row.name, row.note),
            };
        }
        let results = rows
            .into_iter()
            .map(|row| (plan.name, row.name, row.measured));
        self.results.measured.extend(results);
    }

    /// What the steps cost, and all of them with what is left, in seconds on one core.
    pub(crate) fn steps(&mut self, (steps, whole): (Steps, f64)) {
        let sum =
            steps.load + steps.inflate + steps.search + steps.parse + steps.judge + steps.order;
        let _ = write!(
            self.extras,
            "\n## What each step costs\n\nThe first archive on one core; each step by itself, in CPU seconds, the middle of three.\n\n\
             | step | s | |\n|---|---:|---|\n"
        );
        for (name, seconds, about) in [
            ("read", steps.load, "the stored bytes"),
            ("inflate", steps.inflate, "libdeflate, with the checksum"),
            (
                "search and count",
                steps.search,
                "one count of the braces does both",
            ),
            ("parse", steps.parse, "the assumptions, in full"),
            ("judge", steps.judge, "against the sample allowlist"),
            ("order", steps.order, "by identity, then by time"),
            (
                "the rest",
                whole - sum,
                "printing, walking folders, start-up",
            ),
        ] {
            let _ = writeln!(self.extras, "| {name} | {seconds:.3} | {about} |");
        }
        let _ = writeln!(
            self.extras,
            "| **rolewatch replay --threads 1** | {whole:.3} | |"
        );
    }

    pub(crate) fn start(&mut self, measured: Measured) {
        let _ = write!(
            self.extras,
            "\nStart-up: `rolewatch allowlist check` takes {:.1} ms, {:.1} ms of them CPU, as a whole process.\n",
            measured.wall * 1000.0,
            measured.cpu * 1000.0
        );
        self.results.start = Some(measured);
    }

    pub(crate) fn finish(self) -> String {
        let date = chrono::Utc::now().date_naive();
        format!(
            "# Benchmarks\n\n\
             Written by `make bench` on {date}, on {}.\n\
             Load average before and after: {} and {}; above the cores others work too, and only ratios hold.\n\
             Archives of {} % of their size, made from the seed {SEED}; the middle of {} rounds by CPU time, the contenders in\n\
             turn in each round; programs other than the first three ran once. Ratios are to libdeflate merely decompressing the\n\
             same files on all cores. Every run of rolewatch is held against what the generator planted. Memory:\n\
             `tests/tests/memory.rs` holds a replay on two threads under 32 MiB, however much there is to order; a list of hundreds\n\
             of thousands of files comes on top.\n{}{}{}{}",
            machine::describe(),
            self.load,
            machine::load(),
            self.percent,
            self.rounds,
            self.results.table(),
            self.tables,
            self.extras,
            commands()
        )
    }
}

/// What each contender is asked, so that it can be asked again.
fn commands() -> String {
    let mut text = format!(
        "\n## Commands\n\n`$1` is the folder of an archive, below `target/release/bench-archives/`; `rolewatch` and `rolewatch-bench` are in\n\
         `target/release/`.\n\n```sh\n# libdeflate, decompressing only\nrolewatch-bench libdeflate \"$1\"\n\
         # rolewatch replay\nrolewatch replay --quiet --format json --allowlist {ALLOWLIST} \"$1\"\n\
         # zlib-rs, decompressing only\nrolewatch-bench zlib-rs \"$1\"\n"
    );
    for rival in RIVALS {
        let _ = writeln!(text, "# {}\n{}", rival.name, rival.script);
    }
    text + "```\n\nrsigma is not among them: it reads neither gzip nor CloudTrail's files, only events as lines, so that most of what is\n\
            measured would be the program that makes those. Suzaku is given the folder of its one rule as `SUZAKU_RULE`.\n\
            A version that ends in `-dev` is a build from its source, and no release.\n"
}

#[expect(clippy::cast_precision_loss, reason = "shown without decimals")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub(crate) fn kib_to_mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_how_all_of_it_is_measured_again() {
        let page = Page::new(5, 1).finish();
        assert!(
            page.contains(&format!("made from the seed {SEED}")),
            "{page}"
        );
        assert!(
            page.contains("\nrolewatch replay --quiet --format json "),
            "{page}"
        );
        for rival in RIVALS {
            assert!(page.contains(rival.script), "{page}");
        }
        assert!(page.contains("\n## Targets\n"), "{page}");
    }
}
