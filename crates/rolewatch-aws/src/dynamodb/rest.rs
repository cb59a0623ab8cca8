//! A table that hangs takes a call's whole time, which is half of what a function has. Once it did, no other call is made for
//! a while: there is time left to tell what needs no memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longer than what is left of an invocation then, and shorter than a queue takes to bring an item again.
const REST: Duration = Duration::from_secs(20);

/// Until when no call is made. Shared by all that use one table in a process.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest(Arc<Mutex<Option<Instant>>>);

impl Rest {
    pub(super) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
    }

    pub(super) fn is_on(&self) -> bool {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }
}
