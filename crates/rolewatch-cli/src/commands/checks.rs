//! `rolewatch checks`: the list of checks, and their pages.

use std::io::Write;

use rolewatch::checks::{self, Page};

use crate::args::ChecksArgs;
use crate::lints::severity;
use crate::output::{Exit, stdout};

pub(crate) fn run(args: &ChecksArgs) -> anyhow::Result<Exit> {
    let mut out = stdout();
    match &args.id {
        None => {
            let width = all().map(|page| page.id.len()).max().unwrap_or_default();
            for page in all() {
                let severity = page.severity.as_str();
                writeln!(out, "{severity:<8}  {:<width$}  {}", page.id, page.title)?;
            }
        }
        Some(id) => match all().find(|page| page.id == id) {
            Some(page) => write!(out, "{}", page.explanation)?,
            None => anyhow::bail!("no check has the id {id}; `rolewatch checks` lists them"),
        },
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// All of them: those of assumptions and of the allowlist, then those of trust policies, then those
/// of workflows, each the worst first.
fn all() -> impl Iterator<Item = Page> {
    let lints = iam_trust::ALL.iter().map(|check| Page {
        id: check.id,
        severity: severity(check.severity),
        title: check.title,
        explanation: check.explanation,
    });
    let workflows = iam_trust::WORKFLOW_CHECKS.iter().map(|check| Page {
        id: check.id,
        severity: severity(check.severity),
        title: check.title,
        explanation: check.explanation,
    });
    checks::pages().into_iter().chain(lints).chain(workflows)
}
