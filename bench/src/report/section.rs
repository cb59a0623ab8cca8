//! The report's part of the page.

use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};

use super::server::CALLS;
use super::{ASSUMPTIONS, DAYS, PAIRS, Taken};
use crate::machine;
use crate::measure::{Measured, measure};

/// The heading, by which the part is found in the page.
const HEADING: &str = "## A report of ten million assumptions over 5,000 pairs of role and subject";
/// What is promised, in MiB.
const MOST_MEMORY: u64 = 128;

/// The stand-in for `DynamoDB`, ended with its owner.
struct Server(Child, String);

impl Server {
    fn start(this: &str) -> anyhow::Result<Self> {
        let mut child = Command::new(this)
            .args(["report", "server"])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let mut url = String::new();
        BufReader::new(out).read_line(&mut url)?;
        Ok(Self(child, url.trim().to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It only waits for more, and has nothing to lose.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures both ways to a report, and writes what they took.
pub(crate) fn section(this: &str) -> anyhow::Result<String> {
    eprintln!("measuring the report");
    let server = Server::start(this)?;
    // The SDK asks for these, and the stand-in for nothing.
    let table = "AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench AWS_REGION=eu-central-1";
    let mut command = vec!["env"];
    command.extend(table.split(' '));
    command.extend([this, "report", "table", &server.1]);
    let counted = measured(&command, PAIRS * CALLS * DAYS)?;
    let judged = measured(&[this, "report", "events"], ASSUMPTIONS)?;
    let mut text = format!(
        "\n{HEADING}\n\nMeasured on {}, load average {}. The page of the week, {:.1} MB of HTML; the bound is {MOST_MEMORY} \
         MiB.\n\n| | wall s | CPU s | peak MiB | page after s |\n|---|---:|---:|---:|---:|\n",
        chrono::Utc::now().date_naive(),
        machine::load(),
        megabytes(counted.1.page_bytes),
    );
    for (name, (run, taken)) in [
        (
            format!(
                "from DynamoDB's counts: {} rows of 90 days, a page at a time",
                PAIRS * 90
            ),
            &counted,
        ),
        (format!("from {ASSUMPTIONS} events, each judged"), &judged),
    ] {
        let _ = writeln!(
            text,
            "| {name} | {:.1} | {:.1} | {:.1} | {:.2} |",
            run.wall,
            run.cpu,
            mebibytes(run.kib),
            taken.rendered
        );
    }
    text.push_str(
        "\nThe first is the function's way, through AWS's SDK, from a stand-in for DynamoDB that answers as fast as it can.\n",
    );
    Ok(text)
}

fn measured(command: &[&str], assumptions: u64) -> anyhow::Result<(Measured, Taken)> {
    let run = measure(command)?;
    let taken: Taken = serde_json::from_str(&run.out).with_context(|| run.err.clone())?;
    ensure!(taken.assumptions == assumptions, "{}", taken.verdict);
    ensure!(run.kib < MOST_MEMORY << 10, "{} KiB", run.kib);
    Ok((run, taken))
}

/// The page with this part in place of the one it has.
pub(crate) fn put_into(page: &str, section: &str) -> String {
    let Some((before, rest)) = page.split_once(HEADING) else {
        return format!("{}\n{section}", page.trim_end());
    };
    let after = rest.split_once("\n## ").map(|(_, after)| after);
    let after = after.map_or_else(String::new, |after| format!("\n## {after}"));
    format!("{}\n{section}{after}", before.trim_end())
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_takes_the_place_of_the_old_one() {
        let section = format!("\n{HEADING}\n\nnew\n");
        let page = put_into("# Benchmarks\n\n## Else\n\ntable\n", &section);
        assert_eq!(
            page,
            format!("# Benchmarks\n\n## Else\n\ntable\n\n{HEADING}\n\nnew\n")
        );
        let old = format!("# Benchmarks\n\n{HEADING}\n\nold\n\n## Else\n\ntable\n");
        let page = put_into(&old, &section);
        assert_eq!(
            page,
            format!("# Benchmarks\n\n{HEADING}\n\nnew\n\n## Else\n\ntable\n")
        );
    }
}
