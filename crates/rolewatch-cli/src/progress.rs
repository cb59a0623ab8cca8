//! Progress of long work, on a terminal's stderr.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over the bytes to read; hidden where nobody looks.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// How many there are.
    inputs: usize,
    files: u64,
    records: u64,
}

impl Progress {
    pub(crate) fn new(inputs: usize, bytes: u64, quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        let style = "{bar:24} {bytes}/{total_bytes} {binary_bytes_per_sec} eta {eta} {msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            bar,
            inputs,
            files: 0,
            records: 0,
        }
    }

    /// One input is read.
    pub(crate) fn input(&mut self, bytes: u64, records: u64) {
        self.files += 1;
        self.records += records;
        self.bar.inc(bytes);
        self.bar.set_message(format!(
            "{}/{} files, {} records",
            self.files, self.inputs, self.records
        ));
    }

    /// Prints without tearing the bar.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
