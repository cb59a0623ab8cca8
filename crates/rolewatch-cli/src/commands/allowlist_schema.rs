//! `rolewatch allowlist schema`: the JSON Schema of the format.

use std::io::Write;

use crate::output::{Exit, stdout};

pub(crate) fn run() -> anyhow::Result<Exit> {
    let mut out = stdout();
    serde_json::to_writer_pretty(&mut out, &rolewatch::allowlist::json_schema())?;
    writeln!(out)?;
    out.flush()?;
    Ok(Exit::Clean)
}
