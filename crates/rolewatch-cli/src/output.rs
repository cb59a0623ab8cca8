//! What leaves the program, and with which code.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::path::{MAIN_SEPARATOR, Path};
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
pub(crate) fn stdout() -> BufWriter<Output> {
    BufWriter::new(Output {
        lock: io::stdout().lock(),
        reader: Reader::Listened,
    })
}

/// Standard output. Where nobody reads it any more (`| head`), the work goes on: its exit code still says what there is to
/// say.
pub(crate) struct Output {
    lock: StdoutLock<'static>,
    reader: Reader,
}

/// Whether somebody read the output to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Listened,
    WentAway,
}

impl Output {
    pub(crate) fn reader(&self) -> Reader {
        self.reader
    }

    /// What came of writing, where `done` is as good as it.
    fn settled<T>(&mut self, result: io::Result<T>, done: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader = Reader::WentAway;
                Ok(done)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let why = format!("the results could not be written: {error}");
                Err(io::Error::new(error.kind(), why))
            }
            Ok(value) => Ok(value),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.reader == Reader::WentAway {
            return Ok(bytes.len());
        }
        let written = self.lock.write(bytes);
        self.settled(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.reader == Reader::WentAway {
            return Ok(());
        }
        let flushed = self.lock.flush();
        self.settled(flushed, ())
    }
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

/// A path as text. Bytes that are none are written out, and a backslash that separates nothing is
/// written twice, so that two names are told apart.
pub(crate) fn path_name(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let mut name = String::new();
    for chunk in bytes.utf8_chunks() {
        if MAIN_SEPARATOR == '\\' {
            name.push_str(chunk.valid());
        } else {
            name.push_str(&chunk.valid().replace('\\', r"\\"));
        }
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

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use super::path_name;

    #[test]
    fn two_names_are_told_apart() {
        let name = |bytes| path_name(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(name(b"a/\xff"), r"a/\xff");
        assert_eq!(name(br"a/\xff"), r"a/\\xff");
        assert_eq!(name("ü".as_bytes()), "ü");
    }
}
