//! `rolewatch allowlist test`: the allowlist's own `[[test]]`s.

use std::io::{self, Write};

use rolewatch::allowlist::{TestCase, TestOutcome};
use rolewatch::rendering::json::write_line;
use rolewatch::rendering::terminal::escape;
use serde::Serialize;

use crate::args::{AllowlistCheckArgs, Format};
use crate::diagnostics::given_or_complain;
use crate::output::{Exit, stdout};

#[derive(Serialize)]
struct TestLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    name: &'a str,
    line: usize,
    passed: bool,
    wanted: &'a [String],
    got: &'a [String],
    because: &'a [String],
}

pub(crate) fn run(args: &AllowlistCheckArgs) -> anyhow::Result<Exit> {
    let Some(allowlist) = given_or_complain(&args.file)? else {
        return Ok(Exit::CouldNotRun);
    };
    let mut out = stdout();
    let mut failed = 0;
    for test in &allowlist.tests {
        let outcome = test.run(&allowlist);
        failed += usize::from(!outcome.passed());
        match args.format {
            Format::Text => show(&mut out, args, test, &outcome)?,
            Format::Json => {
                let line = TestLine {
                    r#type: "test",
                    schema: "rolewatch.test/1",
                    name: &test.name,
                    line: test.line,
                    passed: outcome.passed(),
                    wanted: &outcome.wanted,
                    got: &outcome.got,
                    because: &outcome.because,
                };
                write_line(&mut out, &line)?;
                writeln!(out)?;
            }
        }
    }
    if args.format == Format::Text {
        let passed = allowlist.tests.len() - failed;
        writeln!(out, "{passed} of {} tests passed", allowlist.tests.len())?;
    }
    out.flush()?;
    Ok(if failed == 0 {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

fn show(
    out: &mut impl Write,
    args: &AllowlistCheckArgs,
    test: &TestCase,
    outcome: &TestOutcome,
) -> io::Result<()> {
    if outcome.passed() {
        return writeln!(out, "pass  {}", escape(&test.name));
    }
    writeln!(out, "FAIL  {}", escape(&test.name))?;
    let name = args.file.path().display().to_string();
    writeln!(out, "      at {}:{}", escape(&name), test.line)?;
    writeln!(
        out,
        "      expected {}, got {}",
        outcome.wanted.join(", "),
        outcome.got.join(", ")
    )?;
    outcome
        .because
        .iter()
        .try_for_each(|why| writeln!(out, "      {}", escape(why)))
}
