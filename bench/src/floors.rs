//! What reading an archive costs at least: its files merely decompressed, on all cores, the
//! largest first.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, anyhow};
use flate2::read::MultiGzDecoder;
use libdeflater::Decompressor;

/// libdeflate, each file at once.
pub(crate) fn libdeflate(folder: &Path) -> anyhow::Result<()> {
    each(folder, || {
        let mut decompressor = Decompressor::new();
        let (mut stored, mut text) = (Vec::new(), Vec::new());
        move |path: &Path| {
            stored.clear();
            File::open(path)?.read_to_end(&mut stored)?;
            let length = stored.last_chunk().context("it is too short")?;
            let length = usize::try_from(u32::from_le_bytes(*length))?;
            if text.len() < length + 512 {
                text.resize(length + 512, 0);
            }
            let count = decompressor.gzip_decompress(&stored, &mut text);
            Ok(count.map_err(|error| anyhow!("{error}"))? as u64)
        }
    })
}

/// zlib-rs, piece by piece.
pub(crate) fn zlib_rs(folder: &Path) -> anyhow::Result<()> {
    each(folder, || {
        let mut text = vec![0; 256 << 10];
        move |path: &Path| {
            let mut decoder = MultiGzDecoder::new(File::open(path)?);
            let mut total = 0;
            loop {
                match decoder.read(&mut text)? {
                    0 => return Ok(total),
                    count => total += count as u64,
                }
            }
        }
    })
}

/// Reads every file, and prints how many bytes they held.
fn each<F: FnMut(&Path) -> anyhow::Result<u64>>(
    folder: &Path,
    reader: impl Fn() -> F + Sync,
) -> anyhow::Result<()> {
    let walk = cloudtrail::walk(&[folder.to_owned()]);
    let (next, total) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || -> anyhow::Result<()> {
        let mut read = reader();
        while let Some(file) = walk.files.get(next.fetch_add(1, Ordering::Relaxed)) {
            total.fetch_add(read(&file.path)?, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| anyhow!("a thread panicked"))?)
    })?;
    println!("{}", total.into_inner());
    Ok(())
}
