//! The archives that are measured: made once for a seed and a size, then found again.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::records::Records;
use crate::truth::Truth;

/// Anything may be; it is part of what the results are about.
pub(crate) const SEED: u64 = 2026;

/// Assumptions in a million records of a busy account.
const REALISTIC: u64 = 3000;

/// How an archive is cut into files.
#[derive(Clone, Copy, Debug)]
enum Files {
    /// So many records in so many files: a busy account, a file every few minutes.
    Sizes { records: u64, files: u64 },
    /// So many files of so many records each.
    Alike { files: u64, records: u64 },
    /// One file of so many bytes of JSON.
    One { bytes: u64 },
}

/// An archive to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    files: Files,
    assumptions: u64,
}

/// What there is to measure, in the order of the tables.
pub(crate) const PLANS: &[Plan] = &[
    Plan {
        name: "s3",
        title: "1 M records in 320 files, as S3 delivers them",
        files: Files::Sizes {
            records: 1_000_000,
            files: 320,
        },
        assumptions: REALISTIC,
    },
    Plan {
        name: "small",
        title: "300,000 files of 3 kB",
        files: Files::Alike {
            files: 300_000,
            records: 9,
        },
        assumptions: REALISTIC,
    },
    Plan {
        name: "line",
        title: "one file of 2 GB of JSON in a line",
        files: Files::One {
            bytes: 2_000_000_000,
        },
        assumptions: REALISTIC,
    },
    Plan {
        name: "assumptions",
        title: "200,000 assumptions and nothing else, in 60 files",
        files: Files::Sizes {
            records: 200_000,
            files: 60,
        },
        assumptions: 1_000_000,
    },
];

/// An archive that is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Archive {
    pub(crate) folder: PathBuf,
    pub(crate) truth: Truth,
    pub(crate) files: u64,
    /// Bytes of JSON.
    pub(crate) json: u64,
    /// Bytes as they are stored.
    pub(crate) stored: u64,
}

impl Plan {
    /// The archive at so many percent of its size, below `folder`.
    pub(crate) fn archive(&self, folder: &Path, percent: u64) -> anyhow::Result<Archive> {
        let folder = folder.join(format!("{SEED}-{percent}")).join(self.name);
        let mark = folder.with_extension("json");
        if let Ok(text) = fs::read(&mark) {
            return Ok(serde_json::from_slice(&text)?);
        }
        eprintln!("making the archive {} (once)", self.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let archive = self.make(&folder, percent)?;
        fs::write(&mark, serde_json::to_vec_pretty(&archive)?)?;
        Ok(archive)
    }

    fn make(&self, folder: &Path, percent: u64) -> anyhow::Result<Archive> {
        let scaled = |number: u64| (number * percent / 100).max(1);
        let sizes: Vec<Size> = match self.files {
            Files::Sizes { records, files } => {
                let (records, files) = (scaled(records), scaled(files));
                // Between a half and one and a half of the average, summing up to all.
                let weight = |file| 50 + (file * 37) % 101;
                let total: u64 = (0..files).map(weight).sum();
                let mut sizes: Vec<u64> = (0..files)
                    .map(|file| records * weight(file) / total)
                    .collect();
                let rest = records - sizes.iter().sum::<u64>();
                sizes[0] += rest;
                sizes.into_iter().map(Size::Records).collect()
            }
            Files::Alike { files, records } => {
                (0..scaled(files)).map(|_| Size::Records(records)).collect()
            }
            Files::One { bytes } => vec![Size::Bytes(scaled(bytes))],
        };
        let next = AtomicU64::new(0);
        let sum = Mutex::new(Archive {
            folder: folder.to_owned(),
            truth: Truth::default(),
            files: sizes.len() as u64,
            json: 0,
            stored: 0,
        });
        thread::scope(|scope| {
            let worker = || -> anyhow::Result<()> {
                loop {
                    let file = next.fetch_add(1, Ordering::Relaxed);
                    let Some(size) = usize::try_from(file).ok().and_then(|at| sizes.get(at)) else {
                        return Ok(());
                    };
                    let made = self.write(folder, file, *size)?;
                    if let Ok(mut sum) = sum.lock() {
                        sum.truth.add(&made.truth);
                        sum.json += made.json;
                        sum.stored += made.stored;
                    }
                }
            };
            let threads = thread::available_parallelism().map_or(1, usize::from);
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().try_for_each(|worker| {
                worker
                    .join()
                    .map_err(|_| anyhow::anyhow!("a thread panicked"))?
            })
        })?;
        sum.into_inner().context("a thread panicked")
    }

    fn write(&self, folder: &Path, file: u64, size: Size) -> anyhow::Result<Made> {
        let mut made = Made::default();
        let random = Random::new(SEED, (file << 8) | (self.assumptions % 255));
        let (day, region) = (
            1 + file % 28,
            usize::try_from(file / 28).unwrap_or_default(),
        );
        let mut records = Records::new(random, day, region, self.assumptions);
        let folder = folder.join(format!(
            "AWSLogs/123456789012/CloudTrail/{}/2026/11/{day:02}",
            records.region()
        ));
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!(
            "123456789012_CloudTrail_{}_202611{day:02}T0000Z_{file:016}.json.gz",
            records.region()
        ));
        let out = BufWriter::new(File::create(&path)?);
        let mut out = GzEncoder::new(out, Compression::new(6));
        let mut text = "{\"Records\":[".to_owned();
        let more = |made: &Made, text: &String| match size {
            Size::Records(records) => made.truth.records < records,
            Size::Bytes(bytes) => made.json + (text.len() as u64) < bytes,
        };
        while more(&made, &text) {
            if made.truth.records > 0 {
                text.push(',');
            }
            records.write(&mut text, &mut made.truth);
            if text.len() > 1 << 16 {
                out.write_all(text.as_bytes())?;
                made.json += text.len() as u64;
                text.clear();
            }
        }
        text += "]}";
        out.write_all(text.as_bytes())?;
        made.json += text.len() as u64;
        out.finish()?.flush()?;
        made.stored = fs::metadata(&path)?.len();
        Ok(made)
    }
}

/// How large a file is to be.
#[derive(Clone, Copy, Debug)]
enum Size {
    Records(u64),
    Bytes(u64),
}

/// What a file came to.
#[derive(Debug, Default)]
struct Made {
    truth: Truth,
    json: u64,
    stored: u64,
}
