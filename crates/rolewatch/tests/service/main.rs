//! The service in memory: the whole flow, and everything that can break it.

mod allowlist;
mod harness;
mod interleavings;
mod pipeline;
mod torture;
mod windows;
