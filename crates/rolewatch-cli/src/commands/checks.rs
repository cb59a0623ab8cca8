//! `rolewatch checks`: the list of checks, and their pages.

use std::io::Write;

use rolewatch::checks;

use crate::args::ChecksArgs;
use crate::output::{Exit, stdout};

pub(crate) fn run(args: &ChecksArgs) -> anyhow::Result<Exit> {
    let mut out = stdout();
    match &args.id {
        None => {
            let width = checks::ALL
                .iter()
                .map(|check| check.id.len())
                .max()
                .unwrap_or_default();
            for check in checks::ALL {
                let severity = check.severity.as_str();
                writeln!(out, "{severity:<8}  {:<width$}  {}", check.id, check.title)?;
            }
        }
        Some(id) => match checks::find(id) {
            Some(check) => write!(out, "{}", check.explanation)?,
            None => anyhow::bail!("no check has the id {id}; `rolewatch checks` lists them"),
        },
    }
    out.flush()?;
    Ok(Exit::Clean)
}
