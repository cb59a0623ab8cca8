//! How much of an input is read.

use clap::Args;

/// What one input may cost. What is beyond is an error that names the input.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LimitOptions {
    /// The largest record that is read, in MiB.
    #[arg(id = "max-record", long, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    record: u16,
    /// How many times its stored size a file of over 32 MiB may decompress to.
    #[arg(id = "max-ratio", long, value_name = "RATIO", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..))]
    ratio: u64,
    /// The most that is read of one file, decompressed, in GiB.
    #[arg(id = "max-file", long, value_name = "GIB", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    file: u16,
}

impl LimitOptions {
    pub(crate) fn limits(self) -> cloudtrail::Limits {
        cloudtrail::Limits {
            record: usize::from(self.record) << 20,
            input: u64::from(self.file) << 30,
            ratio: self.ratio,
            ..cloudtrail::Limits::default()
        }
    }
}
