//! What was aimed at, and whether it was reached.

use std::fmt::Write;

use crate::measure::Measured;
use crate::run::{LIBDEFLATE, ROLEWATCH};

/// All that targets are about.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// Archive, contender, and what it took.
    pub(crate) measured: Vec<(&'static str, String, Option<Measured>)>,
    /// The start of a process.
    pub(crate) start: Option<Measured>,
}

/// How many times longer something took.
#[derive(Clone, Copy, Debug)]
struct Times {
    cpu: f64,
    wall: f64,
}

impl Results {
    fn find(&self, archive: &str, contender: &str) -> Option<&Measured> {
        let mut all = self.measured.iter();
        let (.., measured) = all.find(|(of, name, _)| *of == archive && name == contender)?;
        measured.as_ref()
    }

    /// How many times longer somebody took for an archive than another.
    fn times(&self, archive: &str, longer: &str, than: &str) -> Option<Times> {
        let (longer, than) = (self.find(archive, longer)?, self.find(archive, than)?);
        Some(Times {
            cpu: longer.cpu / than.cpu,
            wall: longer.wall / than.wall,
        })
    }

    /// A table of the targets.
    pub(crate) fn table(&self) -> String {
        let mut text = "\n## Targets\n\nWhat libdeflate itself does not reach, merely decompressing, nobody does who reads the archive: its own times are \
                        beside.\n\n| | target | CPU | wall | | libdeflate, CPU | wall |\n|---|---:|---:|---:|---|---:|---:|\n"
            .to_owned();
        for (what, archive, most) in [
            ("files as S3 delivers them, to libdeflate", "s3", 1.3),
            ("the same, hoped for", "s3", 1.15),
            ("one line of 2 GB, to libdeflate", "line", 2.1),
        ] {
            let times = self.times(archive, ROLEWATCH, LIBDEFLATE);
            let met = times.map(|it| it.cpu <= most && it.wall <= most);
            line(
                &mut text,
                what,
                &format!("at most {most}"),
                times,
                met,
                None,
            );
        }
        for (rival, least) in self.rivals() {
            let times = self.times("s3", rival, ROLEWATCH);
            let met = times.map(|it| it.cpu >= least && it.wall >= least);
            let floor = self.times("s3", rival, LIBDEFLATE);
            let what = format!("{rival}, to rolewatch");
            line(
                &mut text,
                &what,
                &format!("at least {least}"),
                times,
                met,
                floor,
            );
        }
        text + &self.memory() + &self.start_up()
    }

    /// Other programs, and how many times faster than they replays are to be.
    fn rivals(&self) -> Vec<(&str, f64)> {
        let least = [
            ("jq", 20.0),
            ("Python", 20.0),
            ("Suzaku", 25.0),
            ("DuckDB", 80.0),
        ];
        let contenders = self.measured.iter().filter(|(of, ..)| *of == "s3");
        let known = contenders.filter_map(|(_, name, _)| {
            let (_, least) = least.into_iter().find(|(of, _)| name.starts_with(of))?;
            Some((name.as_str(), least))
        });
        known.collect()
    }

    fn memory(&self) -> String {
        let mut text = "\n| | target | measured | |\n|---|---:|---:|---|\n".to_owned();
        for (archive, _, measured) in self
            .measured
            .iter()
            .filter(|(_, name, _)| name == ROLEWATCH)
        {
            let Some(measured) = measured else { continue };
            let met = if measured.kib < 32 << 10 {
                "met"
            } else {
                "**not met**"
            };
            let mib = crate::page::kib_to_mib(measured.kib);
            let _ = writeln!(
                text,
                "| peak memory, archive `{archive}` | under 32 MiB | {mib:.1} | {met} |"
            );
        }
        text
    }

    fn start_up(&self) -> String {
        let Some(start) = &self.start else {
            return String::new();
        };
        let milliseconds = start.wall * 1000.0;
        let met = if milliseconds < 10.0 {
            "met"
        } else {
            "**not met**"
        };
        format!("| start-up | under 10 ms | {milliseconds:.1} | {met} |\n")
    }
}

fn line(
    text: &mut String,
    what: &str,
    target: &str,
    times: Option<Times>,
    met: Option<bool>,
    floor: Option<Times>,
) {
    let numbers = |times: Option<Times>| {
        let (cpu, wall) = times
            .map(|it| (format!("{:.2}", it.cpu), format!("{:.2}", it.wall)))
            .unzip();
        (cpu.unwrap_or_default(), wall.unwrap_or_default())
    };
    let ((cpu, wall), (floor_cpu, floor_wall)) = (numbers(times), numbers(floor));
    let met = match met {
        Some(true) => "met",
        Some(false) => "**not met**",
        None => "not measured",
    };
    let _ = writeln!(
        text,
        "| {what} | {target} | {cpu} | {wall} | {met} | {floor_cpu} | {floor_wall} |"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(cpu: f64, kib: u64) -> Measured {
        Measured {
            code: Some(0),
            wall: cpu / 2.0,
            cpu,
            kib,
            out: String::new(),
            err: String::new(),
        }
    }

    #[test]
    fn each_target_is_said_to_be_met_or_not() {
        let results = Results {
            measured: vec![
                ("s3", LIBDEFLATE.into(), Some(took(1.0, 20_000))),
                ("s3", ROLEWATCH.into(), Some(took(1.2, 40_000))),
                ("s3", "jq".into(), Some(took(30.0, 1))),
                ("s3", "DuckDB, read_json".into(), Some(took(12.0, 1))),
                ("s3", "Suzaku".into(), None),
            ],
            start: Some(took(0.01, 1)),
        };
        let table = results.table();
        for line in [
            "| files as S3 delivers them, to libdeflate | at most 1.3 | 1.20 | 1.20 | met |  |  |",
            "| the same, hoped for | at most 1.15 | 1.20 | 1.20 | **not met** |  |  |",
            "| one line of 2 GB, to libdeflate | at most 2.1 |  |  | not measured |",
            "| jq, to rolewatch | at least 20 | 25.00 | 25.00 | met | 30.00 | 30.00 |",
            "| DuckDB, read_json, to rolewatch | at least 80 | 10.00 | 10.00 | **not met** | 12.00 | 12.00 |",
            "| Suzaku, to rolewatch | at least 25 |  |  | not measured |",
            "| peak memory, archive `s3` | under 32 MiB | 39.1 | **not met** |",
            "| start-up | under 10 ms | 5.0 | met |",
        ] {
            assert!(table.contains(line), "{line}\n{table}");
        }
    }
}
