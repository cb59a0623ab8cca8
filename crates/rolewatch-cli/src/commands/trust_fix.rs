//! `rolewatch trust fix`: corrected trust policies, as a diff or in place.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail};
use iam_trust::{Lint, Role, lint};
use rolewatch::finding::Severity;
use rolewatch::rendering::terminal::{WIDEST_LINE, cut, escape};

use crate::args::TrustFixArgs;
use crate::diff::unified;
use crate::lints::severity;
use crate::output::{Exit, note, stdout};
use crate::policies::{Known, PolicyFile};

/// Each round applies one fix. A policy has at most 8,192 characters in IAM, so it cannot have this
/// many independent faults; whoever reaches it goes in circles.
const MOST_ROUNDS: usize = 1000;

pub(crate) fn run(args: &TrustFixArgs, quiet: bool) -> anyhow::Result<Exit> {
    let stdin = args.file.as_os_str() == "-";
    if stdin && args.write {
        bail!("standard input cannot be written; leave --write away");
    }
    let Some(known) = Known::load(&args.options, quiet)? else {
        return Ok(Exit::CouldNotRun);
    };
    let file = PolicyFile::read(&args.file)?;
    if let Some(problem) = file.problems.first() {
        bail!("{}:{problem}; nothing was changed", file.name);
    }
    let fixed = fix(&file.text, &known, args.fail_on)?;
    let mut out = stdout();
    if fixed != file.text && !args.write {
        show(&mut out, &unified(&file.name, &file.text, &fixed))?;
    }
    if fixed != file.text && args.write {
        replace(&args.file, &fixed)?;
    }
    out.flush()?;
    let now = if args.write { &fixed } else { &file.text };
    let (left, unfixable) = (
        grave(now, &known, args.fail_on)?,
        grave(&fixed, &known, args.fail_on)?,
    );
    if unfixable > 0 && !quiet {
        let lints = match unfixable {
            1 => "1 lint has".to_owned(),
            more => format!("{more} lints have"),
        };
        note(&format!(
            "{}: {lints} no fix that is safe to make unasked; `rolewatch trust lint` shows it all",
            file.name
        ));
        unsayable(&file.name, &fixed, &known, args.fail_on)?;
    }
    Ok(if left > 0 {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// Says which rules kept a role from being pinned to the allowlist.
fn unsayable(file: &str, fixed: &str, known: &Known, least: Severity) -> anyhow::Result<()> {
    for role in roles(fixed)? {
        if lints(&role, known, least).is_empty() {
            continue;
        }
        for rule in known.unsayable(&role) {
            note(&format!(
                "{file}: rule {rule:?} expects more than a trust policy can say, so nothing was \
                 pinned that would shut some of it out; write names and contexts without \
                 wildcards, and both ids"
            ));
        }
    }
    Ok(())
}

/// A diff, harmless to look at. Its lines are cut on a terminal alone: elsewhere `patch` reads them.
fn show(out: &mut impl Write, diff: &str) -> std::io::Result<()> {
    let widest = if std::io::stdout().is_terminal() {
        WIDEST_LINE
    } else {
        usize::MAX
    };
    for line in diff.split_terminator('\n') {
        let (line, end) = match line.strip_suffix('\r') {
            Some(line) => (line, "\r\n"),
            None => (line, "\n"),
        };
        let fields: Vec<_> = line.split('\t').map(escape).collect();
        write!(out, "{}{end}", cut(&fields.join("\t"), widest))?;
    }
    Ok(())
}

/// The text with one fix after the other applied, the gravest first.
fn fix(text: &str, known: &Known, least: Severity) -> anyhow::Result<String> {
    let mut text = text.to_owned();
    for _ in 0..MOST_ROUNDS {
        let Some(next) = next(&text, known, least)? else {
            return Ok(text);
        };
        text = next;
    }
    bail!("the fixes do not come to an end; nothing was changed")
}

/// The text with one fix more.
fn next(text: &str, known: &Known, least: Severity) -> anyhow::Result<Option<String>> {
    for role in roles(text)?.iter().filter(|role| role.can_be_edited()) {
        let lints = lints(role, known, least);
        for fix in lints.iter().filter_map(|lint| lint.fix.as_ref()) {
            let changed = role.replace_policy(text, &fix.policy);
            let changed = changed.filter(|changed| changed != text && roles(changed).is_ok());
            if changed.is_some() {
                return Ok(changed);
            }
        }
    }
    Ok(None)
}

fn roles(text: &str) -> anyhow::Result<Vec<Role>> {
    let input = iam_trust::read(text)?;
    match input.problems.first() {
        Some(problem) => bail!("{problem}"),
        None => Ok(input.roles),
    }
}

fn lints(role: &Role, known: &Known, least: Severity) -> Vec<Lint> {
    let mut lints = lint(role, &known.options(role));
    lints.retain(|lint| severity(lint.severity) >= least);
    lints
}

fn grave(text: &str, known: &Known, least: Severity) -> anyhow::Result<usize> {
    let roles = roles(text)?;
    Ok(roles
        .iter()
        .map(|role| lints(role, known, least).len())
        .sum())
}

/// Puts another text in the place of a file's, wholly or not at all. A link stays one.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let shown = path.display();
    let write = || -> std::io::Result<()> {
        let path = path.canonicalize()?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        let permissions = std::fs::metadata(&path)?.permissions();
        std::fs::set_permissions(file.path(), permissions)?;
        file.persist(&path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {shown}"))
}
