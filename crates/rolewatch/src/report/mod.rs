//! The weekly report: who used GitHub's door, what changed, what to tighten, and whether the
//! watcher was awake.
//!
//! Rows of counts, from a store or made of archives by a [`crate::store::Counter`], become a
//! [`model::Report`]: the numbers. A [`sheet`] puts them into words and tables, once; the
//! renderings show the sheet, and so cannot disagree.

mod gather;
pub mod model;
mod period;
pub mod rendering;
pub mod sheet;
pub(crate) mod words;

pub use self::gather::{Extras, Gatherer, awake, gather};
pub use self::period::{LONGEST, Period, PeriodError};
