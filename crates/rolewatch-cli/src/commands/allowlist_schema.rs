//! `rolewatch allowlist schema`: the JSON Schema of the format.

use std::io::Write;

use crate::output::{Exit, stdout};

pub(crate) fn run() -> anyhow::Result<Exit> {
    let mut out = stdout();
    let schema = serde_json::to_string_pretty(&rolewatch::allowlist::json_schema())?;
    writeln!(out, "{schema}")?;
    out.flush()?;
    Ok(Exit::Clean)
}
