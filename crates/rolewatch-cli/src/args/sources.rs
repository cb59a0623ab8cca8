//! What is read, and of which time.

use std::ffi::OsString;
use std::num::NonZeroUsize;

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::Args;

use super::{LimitOptions, parse_time};
use crate::reading::{Period, Reading};

#[derive(Debug, Args)]
pub(crate) struct SourceOptions {
    /// What to read: a file, a folder (walked), or - for standard input. CloudTrail log files,
    /// EventBridge, SQS and SNS messages, LookupEvents answers, JSON lines; gzip or not.
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<OsString>,
    /// Take only calls made at or after this time (2026-11-20 or 2026-11-20T10:15:00Z). Of
    /// folders as S3 delivery names them (CloudTrail/REGION/2026/11/19), those are passed over
    /// that lie more than a day before.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<DateTime<Utc>>,
    /// Take only calls made before this time (2026-11-21 or 2026-11-21T10:15:00Z). Such folders
    /// are passed over if they lie more than a day after.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    until: Option<DateTime<Utc>>,
    /// How many files are read at once. Results are the same for any number.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    #[command(flatten)]
    limits: LimitOptions,
}

impl SourceOptions {
    /// How to read them; nothing where no time is left.
    pub(crate) fn reading(&self, quiet: bool) -> anyhow::Result<Reading> {
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since >= until
        {
            bail!("--since {since} is not before --until {until}");
        }
        let now = Utc::now();
        if let Some(since) = self.since
            && since > now
        {
            let day = now.date_naive();
            bail!("--since {since} is still to come; write a time that has passed, such as {day}");
        }
        Ok(Reading {
            period: Period {
                since: self.since,
                until: self.until,
            },
            threads: self.threads,
            limits: self.limits.limits(),
            quiet,
        })
    }
}
