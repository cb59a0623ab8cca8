//! How far it is, in a line.

use std::fmt;
use std::time::Duration;

/// What matters most comes first, as a narrow terminal cuts the rest. At a terminal's usual width
/// all of it fits beside the bar.
pub(super) struct Line {
    pub(super) bytes: u64,
    pub(super) total: u64,
    pub(super) per_second: f64,
    pub(super) left: Duration,
    pub(super) files: u64,
    pub(super) inputs: usize,
    pub(super) records: u64,
}

impl fmt::Display for Line {
    #[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = unit(self.total.max(self.bytes) as f64);
        let (bytes, total) = (self.bytes as f64 / unit, self.total as f64 / unit);
        let (rate_unit, rate_name) = self::unit(self.per_second);
        let rate = self.per_second / rate_unit;
        write!(f, "{bytes:.1}/{total:.1} {name}  {rate:.0} {rate_name}/s")?;
        write!(f, "  eta {}", time(self.left))?;
        let Self {
            files,
            inputs,
            records,
            ..
        } = self;
        write!(f, "  {files}/{inputs} files  {records} records")
    }
}

fn unit(bytes: f64) -> (f64, &'static str) {
    match bytes {
        _ if bytes >= 1e9 => (1e9, "GB"),
        _ if bytes >= 1e6 => (1e6, "MB"),
        _ => (1e3, "kB"),
    }
}

/// `12s`, `2m05s`, `1h02m`.
fn time(left: Duration) -> String {
    let seconds = left.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m{:02}s", seconds % 60),
        _ => format!("{hours}h{minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bytes: u64, total: u64) -> Line {
        Line {
            bytes,
            total,
            per_second: 350e6,
            left: Duration::from_secs(12),
            files: 300_000,
            inputs: 300_000,
            records: 2_700_000,
        }
    }

    #[test]
    fn a_large_archive_fits_a_usual_terminal() {
        const BAR: usize = "######## ".len();
        let text = line(943_000_000, 1_943_000_000).to_string();
        assert_eq!(
            text,
            "0.9/1.9 GB  350 MB/s  eta 12s  300000/300000 files  2700000 records"
        );
        assert!(BAR + text.len() <= 80, "{text}");
    }

    #[test]
    fn the_largest_numbers_are_shown() {
        let largest = Line {
            bytes: u64::MAX,
            total: u64::MAX,
            per_second: f64::MAX,
            left: Duration::MAX,
            files: u64::MAX,
            inputs: usize::MAX,
            records: u64::MAX,
        };
        let text = largest.to_string();
        assert!(text.ends_with("/18446744073709551615 files  18446744073709551615 records"));
    }

    #[test]
    fn units_and_times_are_short() {
        assert!(line(500, 2000).to_string().starts_with("0.5/2.0 kB  "));
        assert!(
            line(5_000_000, 2000)
                .to_string()
                .starts_with("5.0/0.0 MB  ")
        );
        let times = [0, 59, 60, 125, 3720].map(|seconds| time(Duration::from_secs(seconds)));
        assert_eq!(times, ["0s", "59s", "1m00s", "2m05s", "1h02m"]);
    }
}
