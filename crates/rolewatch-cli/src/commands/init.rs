//! `rolewatch init`: from history to a first allowlist, in audit mode.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use rolewatch::learn::{Learner, Learnt};

use crate::args::InitArgs;
use crate::lints::counted;
use crate::output::{Exit, note, stdout};
use crate::reading::{Inputs, read_all};

pub(crate) fn run(args: &InitArgs, quiet: bool) -> anyhow::Result<Exit> {
    if let Some(path) = &args.output {
        refuse_to_overwrite(path, path.symlink_metadata().is_ok())?;
    }
    let (ordered, inputs) = read_all(&args.from.sources, &args.from.reading(quiet)?)?;
    ensure!(
        inputs.records > 0 || inputs.failed.is_empty(),
        "nothing that is named could be read, so there is nothing to learn from"
    );
    let mut learner = Learner::default();
    for observation in ordered {
        learner.see(&observation?);
    }
    let learnt = learner.finish(inputs.failed.len());
    if let Some(path) = &args.output {
        write_new(path, &learnt.text)?;
    } else {
        let mut out = stdout();
        out.write_all(learnt.text.as_bytes())?;
        out.flush()?;
    }
    if !quiet {
        remark(&learnt, args.output.as_deref());
    }
    Ok(exit(&inputs))
}

fn remark(learnt: &Learnt, path: Option<&Path>) {
    for remark in &learnt.remarks {
        note(&format!("not in the allowlist: {remark}"));
    }
    if let Some(path) = path {
        let path = path.display();
        note(&format!(
            "{path}: {} for {} recorded sessions; read it, then `rolewatch allowlist test {path}`",
            counted(learnt.rules, "rule"),
            learnt.sessions
        ));
    }
}

fn exit(inputs: &Inputs) -> Exit {
    if inputs.failed.is_empty() {
        Exit::Clean
    } else {
        Exit::CouldNotRun
    }
}

/// Rules that somebody wrote are not to be had again by reading logs.
fn refuse_to_overwrite(path: &Path, is_there: bool) -> anyhow::Result<()> {
    if is_there {
        bail!(
            "{} is there already and is not overwritten; name another file, and see what it changes: `rolewatch diff`",
            path.display()
        );
    }
    Ok(())
}

/// Wholly or not at all.
fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let is_there = matches!(&file, Err(error) if error.kind() == io::ErrorKind::AlreadyExists);
    refuse_to_overwrite(path, is_there)?;
    let shown = path.display();
    let mut file = file.with_context(|| format!("cannot write {shown}"))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        // Half an allowlist would be in the way of the next try.
        let _ = std::fs::remove_file(path);
    }
    written.with_context(|| format!("cannot write {shown}"))
}
