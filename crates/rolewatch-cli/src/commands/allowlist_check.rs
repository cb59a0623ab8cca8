//! `rolewatch allowlist check`: every problem of an allowlist.

use std::io::Write;

use rolewatch::rendering::terminal::escape;

use crate::args::{AllowlistCheckArgs, Format};
use crate::diagnostics::load_given;
use crate::output::{Exit, colour, stdout};

pub(crate) fn run(args: &AllowlistCheckArgs) -> anyhow::Result<Exit> {
    let loaded = load_given(&args.file)?;
    let mut out = stdout();
    loaded.show(&mut out, args.format, colour())?;
    if args.format == Format::Text {
        match &loaded.allowlist {
            Some(allowlist) => writeln!(
                out,
                "{}: {}, {}, {}; mode {}",
                escape(&loaded.name),
                count(allowlist.rules().len(), "rule"),
                count(allowlist.ignores.len(), "ignore"),
                count(allowlist.tests.len(), "test"),
                allowlist.mode.as_str()
            )?,
            None => writeln!(
                out,
                "{}: {}, it cannot be used",
                escape(&loaded.name),
                count(loaded.errors(), "error")
            )?,
        }
    }
    out.flush()?;
    Ok(if loaded.allowlist.is_some() {
        Exit::Clean
    } else {
        Exit::CouldNotRun
    })
}

fn count(number: usize, of: &str) -> String {
    format!("{number} {of}{}", if number == 1 { "" } else { "s" })
}
