//! The report: its numbers against a recount of the raw events, its forms against each other,
//! and hostile names in all of them.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod awake;
mod details;
mod events;
mod forms;
mod hostile;
mod recount;
mod rollups;
mod rows;
mod weeks;
