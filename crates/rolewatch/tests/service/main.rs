//! The service in memory: the whole flow, and everything that can break it.

#![expect(
    clippy::unwrap_used,
    reason = "a harness that cannot go on has failed its test"
)]

mod allowlist;
mod blast_radius;
mod contended;
mod harness;
mod interleavings;
mod known;
mod pipeline;
mod reconcile;
mod snooze;
mod store_down;
mod torture;
mod windows;
