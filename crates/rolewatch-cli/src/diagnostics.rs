//! Reading an allowlist, and showing what is wrong with it.

use std::io::{self, Write};
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level as Title, Renderer, Snippet};
use anyhow::Context;
use rolewatch::allowlist::{Allowlist, Diagnostic, Level, compile, expiry_warnings};
use rolewatch::rendering::json::write_line;
use rolewatch::rendering::text::Colour;
use serde::Serialize;

use crate::args::Format;

/// The largest allowlist that is read, in bytes. A rule takes some 300.
const LARGEST_ALLOWLIST: u64 = 8 << 20;

/// An allowlist file, read and compiled.
pub(crate) struct Loaded {
    pub(crate) name: String,
    text: String,
    /// None where it has errors.
    pub(crate) allowlist: Option<Allowlist>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads and compiles an allowlist. Rules that expire soon are warned of.
pub(crate) fn load(path: &Path) -> anyhow::Result<Loaded> {
    let name = path.display().to_string();
    let text = read_text(path).with_context(|| format!("cannot read the allowlist {name}"))?;
    let (allowlist, diagnostics) = match compile(&text) {
        Ok((allowlist, mut warnings)) => {
            let today = chrono::Utc::now().date_naive();
            warnings.extend(expiry_warnings(&allowlist, &text, today));
            warnings.sort_by_key(|warning| warning.span.start);
            (Some(allowlist), warnings)
        }
        Err(diagnostics) => (None, diagnostics),
    };
    Ok(Loaded {
        name,
        text,
        allowlist,
        diagnostics,
    })
}

/// The allowlist, or nothing and its problems on stderr. Warnings are told unless `quiet`.
pub(crate) fn load_or_complain(path: &Path, quiet: bool) -> anyhow::Result<Option<Allowlist>> {
    let loaded = load(path)?;
    if loaded.allowlist.is_none() || !quiet {
        loaded.show(&mut io::stderr().lock(), Format::Text, Colour::Plain)?;
    }
    Ok(loaded.allowlist)
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(LARGEST_ALLOWLIST + 1)
        .read_to_end(&mut bytes)?;
    anyhow::ensure!(
        bytes.len() as u64 <= LARGEST_ALLOWLIST,
        "it is larger than 8 MiB"
    );
    String::from_utf8(bytes)
        .map_err(|error| anyhow::anyhow!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
}

#[derive(Serialize)]
struct DiagnosticLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    severity: Level,
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
    help: &'a str,
}

impl Loaded {
    /// Prints every problem.
    pub(crate) fn show(
        &self,
        out: &mut impl Write,
        format: Format,
        colour: Colour,
    ) -> io::Result<()> {
        for diagnostic in &self.diagnostics {
            match format {
                Format::Text => writeln!(out, "{}\n", self.snippet(diagnostic, colour))?,
                Format::Json => {
                    write_line(
                        out,
                        &DiagnosticLine {
                            r#type: "diagnostic",
                            schema: "rolewatch.diagnostic/1",
                            severity: diagnostic.level,
                            file: &self.name,
                            line: diagnostic.line,
                            column: diagnostic.column,
                            message: &diagnostic.message,
                            help: &diagnostic.help,
                        },
                    )?;
                    writeln!(out)?;
                }
            }
        }
        Ok(())
    }

    /// The place in the file, with a caret under it and the help below.
    fn snippet(&self, diagnostic: &Diagnostic, colour: Colour) -> String {
        let title = match diagnostic.level {
            Level::Error => Title::ERROR,
            Level::Warning => Title::WARNING,
        };
        let renderer = match colour {
            Colour::Ansi => Renderer::styled(),
            Colour::Plain => Renderer::plain(),
        };
        let snippet = Snippet::source(self.text.as_str())
            .path(self.name.as_str())
            .annotation(AnnotationKind::Primary.span(self.first_line_of(diagnostic)));
        let report = [title
            .primary_title(diagnostic.message.as_str())
            .element(snippet)
            .element(Title::HELP.message(diagnostic.help.as_str()))];
        renderer.render(&report).clone()
    }

    /// The part of the span that is on its first line: a table's span is long, its head says
    /// enough.
    fn first_line_of(&self, diagnostic: &Diagnostic) -> std::ops::Range<usize> {
        let span = diagnostic.span.clone();
        let line_end = self.text[span.start..]
            .find('\n')
            .map_or(self.text.len(), |at| span.start + at);
        span.start..span.end.min(line_end)
    }
}
