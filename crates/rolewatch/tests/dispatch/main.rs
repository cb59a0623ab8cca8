//! Alerts on their way to Slack, in simulated time: the dispatcher as notify runs it, on a queue
//! and a Slack that do what the real ones do, and what they should not.

#![expect(
    clippy::unwrap_used,
    reason = "a harness that cannot go on has failed its test"
)]

mod buttons;
mod days;
mod hour;
mod refusals;
mod slack;
mod threads;
mod turns;
mod world;
