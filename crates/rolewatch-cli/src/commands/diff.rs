//! `rolewatch diff`: how a changed allowlist judges recorded history.

mod json;
mod markdown;
mod text;
mod words;

use std::io::Write;

use anyhow::ensure;
use chrono::Utc;
use rolewatch::comparison::{Compared, Comparison, Direction};

use crate::args::{DiffArgs, DiffFormat};
use crate::diagnostics::load_or_complain;
use crate::output::{Exit, stdout};
use crate::reading::{Inputs, read_all};

/// What is shown, in whichever form.
struct Shown<'a> {
    args: &'a DiffArgs,
    compared: &'a Compared,
    inputs: &'a Inputs,
}

pub(crate) fn run(args: &DiffArgs, quiet: bool) -> anyhow::Result<Exit> {
    // What is warned of in the old one is not what this is about.
    let old = load_or_complain(&args.from, true)?;
    let new = load_or_complain(&args.to, quiet)?;
    let (Some(old), Some(new)) = (old, new) else {
        return Ok(Exit::CouldNotRun);
    };
    let (ordered, inputs) = read_all(&args.history.sources, &args.history.reading(quiet)?)?;
    ensure!(
        inputs.records > 0,
        "nothing is compared: what is named holds no record of CloudTrail; is it where the logs are?"
    );
    let mut comparison = Comparison::new(&old, &new);
    let duplicates = ordered.duplicates;
    for observation in ordered {
        comparison.see(&observation?);
    }
    let mut compared = comparison.finish(Utc::now().date_naive());
    compared.before.duplicates = duplicates;
    compared.after.duplicates = duplicates;
    let shown = Shown {
        args,
        compared: &compared,
        inputs: &inputs,
    };
    let mut out = stdout();
    match args.format {
        DiffFormat::Text => text::write(&mut out, &shown)?,
        DiffFormat::Json => json::write(&mut out, &shown)?,
        DiffFormat::Markdown => out.write_all(markdown::render(&shown).as_bytes())?,
    }
    out.flush()?;
    Ok(exit(&shown))
}

fn exit(shown: &Shown<'_>) -> Exit {
    let changes =
        |direction| shown.args.fail_on.includes(direction) && shown.compared.events(direction) > 0;
    if !shown.inputs.failed.is_empty() {
        Exit::CouldNotRun
    } else if Direction::ALL.into_iter().any(changes) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}
