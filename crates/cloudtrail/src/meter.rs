//! How far reading has come, for whoever shows that.

use std::cell::Cell;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

/// What readers have read so far. Several may share one.
#[derive(Debug, Default)]
pub struct Meter {
    bytes: AtomicU64,
    records: AtomicU64,
}

impl Meter {
    /// Bytes as they are stored.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Records, as far as they are counted.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }
}

/// What one input has added to a meter.
pub(crate) struct Share<'a> {
    meter: &'a Meter,
    bytes: u64,
    records: u64,
}

impl<'a> Share<'a> {
    pub(crate) fn of(meter: &'a Meter) -> Self {
        Self {
            meter,
            bytes: 0,
            records: 0,
        }
    }

    /// How far it has come; that is less where it is read again.
    pub(crate) fn set(&mut self, bytes: u64, records: u64) {
        move_by(&self.meter.bytes, &mut self.bytes, bytes);
        move_by(&self.meter.records, &mut self.records, records);
    }
}

/// Wraps, so that it can go back too.
fn move_by(total: &AtomicU64, own: &mut u64, now: u64) {
    total.fetch_add(now.wrapping_sub(*own), Ordering::Relaxed);
    *own = now;
}

/// An input that tells its bytes as they are read, and how many records were met by then.
pub(crate) struct Metered<'s, 'm, R> {
    input: R,
    share: &'s mut Share<'m>,
    bytes: u64,
    records: &'s Cell<u64>,
}

impl<'s, 'm, R> Metered<'s, 'm, R> {
    pub(crate) fn new(input: R, share: &'s mut Share<'m>, records: &'s Cell<u64>) -> Self {
        Self {
            input,
            share,
            bytes: 0,
            records,
        }
    }
}

impl<R: Read> Read for Metered<'_, '_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)?;
        self.bytes = self.bytes.saturating_add(count as u64);
        self.share.set(self.bytes, self.records.get());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::{Meter, Share};

    #[test]
    fn what_is_read_again_counts_once() {
        let meter = Meter::default();
        let (mut a, mut b) = (Share::of(&meter), Share::of(&meter));
        a.set(700, 7);
        b.set(50, 1);
        a.set(0, 0);
        a.set(900, 9);
        assert_eq!((meter.bytes(), meter.records()), (950, 10));
    }

    #[test]
    fn the_largest_numbers_are_no_trouble() {
        let meter = Meter::default();
        let mut share = Share::of(&meter);
        share.set(u64::MAX, u64::MAX);
        assert_eq!((meter.bytes(), meter.records()), (u64::MAX, u64::MAX));
        share.set(1, 0);
        assert_eq!((meter.bytes(), meter.records()), (1, 0));
    }
}
