//! Reading an allowlist, and showing what is wrong with it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::output;
use annotate_snippets::{AnnotationKind, Level as Title, Renderer, Snippet};
use anyhow::Context;
use rolewatch::allowlist::{Allowlist, Diagnostic, Level, compile, expiry_warnings};
use rolewatch::rendering::is_unprintable;
use rolewatch::rendering::json::write_line;
use rolewatch::rendering::terminal::{WIDEST_LINE, cut, escape, wrap};
use rolewatch::rendering::text::Colour;
use serde::Serialize;

use crate::args::{AllowlistFile, Format};

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
    let text = File::open(path).map_err(Into::into).and_then(read_text);
    compiled(path, text)
}

/// The same for the file that a command is about, which may be `-` for standard input.
pub(crate) fn load_given(file: &AllowlistFile) -> anyhow::Result<Loaded> {
    let path = file.path();
    if path.as_os_str() == "-" {
        compiled(path, read_text(io::stdin().lock()))
    } else {
        load(path)
    }
}

fn compiled(path: &Path, text: anyhow::Result<String>) -> anyhow::Result<Loaded> {
    let name = path.display().to_string();
    let text = text.with_context(|| format!("cannot read the allowlist {name}"))?;
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
    load(path)?.or_complain(quiet)
}

/// The same for the file that a command is about; warnings are not told.
pub(crate) fn given_or_complain(file: &AllowlistFile) -> anyhow::Result<Option<Allowlist>> {
    load_given(file)?.or_complain(true)
}

fn read_text(reader: impl Read) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    reader.take(LARGEST_ALLOWLIST + 1).read_to_end(&mut bytes)?;
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
    fn or_complain(self, quiet: bool) -> anyhow::Result<Option<Allowlist>> {
        if self.allowlist.is_none() || !quiet {
            let mut shown = Vec::new();
            self.show(&mut shown, Format::Text, Colour::Plain)?;
            output::print_error(&String::from_utf8_lossy(&shown));
        }
        Ok(self.allowlist)
    }

    /// How many problems keep it from being used.
    pub(crate) fn errors(&self) -> usize {
        let errors = self
            .diagnostics
            .iter()
            .filter(|it| it.level == Level::Error);
        errors.count()
    }

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
        const PROSE_COLUMNS: usize = 100;
        /// The widest line, less what the renderer writes before it.
        const LONGEST_WORD: usize = WIDEST_LINE - 20;
        let title = match diagnostic.level {
            Level::Error => Title::ERROR,
            Level::Warning => Title::WARNING,
        };
        let renderer = match colour {
            Colour::Ansi => Renderer::styled(),
            Colour::Plain => Renderer::plain(),
        };
        let shown = |text: &str| -> String {
            let lines = wrap(&escape(text), PROSE_COLUMNS);
            let lines: Vec<_> = lines.iter().map(|line| cut(line, LONGEST_WORD)).collect();
            lines.join("\n")
        };
        let snippet = Snippet::source(masked(&self.text))
            .path(escape(&self.name))
            .annotation(AnnotationKind::Primary.span(self.head_of(diagnostic)));
        let report = [title
            .primary_title(shown(&diagnostic.message))
            .element(snippet)
            .element(Title::HELP.message(shown(&diagnostic.help)))];
        renderer.render(&report)
    }

    /// The beginning of the span, on its first line: a table's span is long, its head says
    /// enough, and a line is trimmed around what is marked.
    fn head_of(&self, diagnostic: &Diagnostic) -> std::ops::Range<usize> {
        /// Characters that are marked.
        const MARKED: usize = 60;
        let span = diagnostic.span.clone();
        let marked = self.text[span.clone()]
            .char_indices()
            .enumerate()
            .find(|(count, (_, c))| *count >= MARKED || *c == '\n')
            .map_or(span.end, |(_, (at, _))| span.start + at);
        span.start..marked
    }
}

/// The text with a `?` for each byte of whatever must not reach a terminal, so that every place
/// in it stays where it is.
fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) && !matches!(c, '\n' | '\r' | '\t') {
            masked.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            masked.push(c);
        }
    }
    masked
}
