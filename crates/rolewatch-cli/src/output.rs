//! What leaves the program, and with which code.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::path::Path;
use std::process::ExitCode;

use rolewatch::rendering::terminal::{WIDEST_LINE, escape, fold};
use rolewatch::rendering::text::Colour;

/// The exit codes, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing found.
    Clean,
    /// Findings, or failed tests.
    Findings,
    /// Could not run, or not completely.
    CouldNotRun,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::CouldNotRun => 2,
        })
    }
}

/// Standard output, buffered.
pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// An error, on stderr. It may hold names that somebody else chose.
pub(crate) fn complain(message: &str) {
    say(&format!("rolewatch: error: {message}"));
}

/// A remark, on stderr.
pub(crate) fn note(message: &str) {
    say(&format!("rolewatch: {message}"));
}

/// Whole, as a file's name is of no use when cut; what is too wide goes on in the next line.
fn say(message: &str) {
    const INDENT: &str = "    ";
    let lines = fold(&escape(message), WIDEST_LINE - INDENT.len());
    print_error(&format!("{}\n", lines.join(&format!("\n{INDENT}"))));
}

/// To stderr, as it is. Where nobody reads that any more, the work goes on: its results and its exit
/// code still say what there is to say.
pub(crate) fn print_error(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// A path as text. Bytes that are none are written out, so that two names are told apart.
pub(crate) fn path_name(path: &Path) -> String {
    let mut name = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = std::fmt::Write::write_fmt(&mut name, format_args!("\\x{byte:02x}"));
        }
    }
    name
}

/// Colour for a terminal that may have it.
pub(crate) fn colour() -> Colour {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if io::stdout().is_terminal() && !forbidden {
        Colour::Ansi
    } else {
        Colour::Plain
    }
}

/// Whether the reader of stdout went away.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
