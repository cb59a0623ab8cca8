//! `rolewatch checks`: the list of checks, and their pages.

use std::io::Write;

use rolewatch::checks;

use crate::args::ChecksArgs;
use crate::output::{Exit, stdout};

pub(crate) fn run(args: &ChecksArgs) -> anyhow::Result<Exit> {
    let mut out = stdout();
    match &args.id {
        None => {
            let pages = checks::pages();
            let width = pages.iter().map(|page| page.id.len()).max();
            let width = width.unwrap_or_default();
            for page in pages {
                let severity = page.severity.as_str();
                writeln!(out, "{severity:<8}  {:<width$}  {}", page.id, page.title)?;
            }
        }
        Some(id) => match checks::pages().iter().find(|page| page.id == id) {
            Some(page) => write!(out, "{}", page.explanation)?,
            None => anyhow::bail!("no check has the id {id}; `rolewatch checks` lists them"),
        },
    }
    out.flush()?;
    Ok(Exit::Clean)
}
