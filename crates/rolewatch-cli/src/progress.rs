//! Progress of long work, on a terminal's stderr.

mod line;

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use cloudtrail::Meter;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::line::Line;

/// What is shown is as old as this at most.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// First how many files are found, then a bar over the bytes to read; hidden where nobody looks.
pub(crate) struct Progress {
    bar: ProgressBar,
    meter: Arc<Meter>,
    /// How many there are.
    inputs: usize,
    /// How many are read.
    files: u64,
}

impl Progress {
    /// While files are looked for.
    pub(crate) fn listing(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        style(&bar, "{spinner} {wide_msg}");
        if shown {
            bar.enable_steady_tick(TICK);
        }
        Self {
            bar,
            meter: Arc::default(),
            inputs: 0,
            files: 0,
        }
    }

    /// So many files are found so far.
    pub(crate) fn found(&self, files: usize) {
        // The first of them, then some at a time: a message takes a while to make.
        if (files == 1 || files.is_multiple_of(500)) && !self.bar.is_hidden() {
            self.bar.set_message(format!("files found: {files}"));
        }
    }

    /// All are found.
    pub(crate) fn reading(&mut self, inputs: usize, bytes: u64) {
        self.inputs = inputs;
        self.bar.set_length(bytes);
        self.bar.reset_elapsed();
        self.bar.reset_eta();
        // The message is cut to what the bar leaves of a line.
        style(&self.bar, "{bar:8} {wide_msg}");
        self.show();
    }

    /// What is to be told of what is read.
    pub(crate) fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }

    /// One input is read.
    pub(crate) fn input(&mut self) {
        self.files = self.files.saturating_add(1);
    }

    /// Shows how far it is.
    pub(crate) fn show(&self) {
        if self.bar.is_hidden() {
            return;
        }
        let bytes = self.meter.bytes();
        self.bar.set_position(bytes);
        let line = Line {
            bytes,
            total: self.bar.length().unwrap_or_default(),
            per_second: self.bar.per_sec(),
            left: self.bar.eta(),
            files: self.files,
            inputs: self.inputs,
            records: self.meter.records(),
        };
        self.bar.set_message(line.to_string());
    }

    /// Prints without tearing the bar.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}
