//! What every [`Table`] must do, as a test that its adapter runs.
//!
//! ```ignore
//! contract(&MyTable::new(), "any-text-that-no-earlier-run-on-this-table-used").await;
//! ```
//!
//! Decided here, beyond what [`Table`] says itself:
//! - An item that is deleted or expired is forgotten with its version: what is put in its place is
//!   a new item, of version 1. Who holds a version across that must compare the value too.
//! - [`Change::Put`] keeps nothing of the old item but the count of its versions.
//! - [`Change::Add`] leaves the version alone, so [`Expect::Version`] says nothing of counters: a
//!   [`Change::Put`] of counters that were read before can undo what was added since.
//! - A counter stops at [`u64::MAX`]; it never wraps.
//! - [`Commit::Conflict`] without a failed expectation comes only of somebody else's writing. Who
//!   is alone gets exact answers.
//! - `sort` is ordered by its bytes in UTF-8, as `str` is in Rust.
//! - Part of what must work is [`LONG_VALUE`], [`MOST_COUNTERS`], [`super::table::MOST_WRITES`], and any text as
//!   value or counter. Keys are not empty; a partition has at most 2,048 bytes, a sort 1,024.

mod model;
mod races;
mod reads;
mod writes;

use std::collections::BTreeMap;

use super::table::{Change, Commit, Expect, Item, Key, Table, Write};

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::store::MemoryTable;

    #[test]
    fn memory_keeps_the_contract() {
        // It never waits, so one look is enough.
        let table = MemoryTable::default();
        contract(&table, "run").now_or_never().unwrap();
    }
}
