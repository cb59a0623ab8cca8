//! Alerts kept in memory, for whoever looks.

use std::sync::{Mutex, PoisonError};

use super::{Notifier, NotifyError};
use crate::alert::Alert;

/// Keeps what it is given.
#[derive(Debug, Default)]
pub struct Outbox {
    alerts: Mutex<Vec<Alert>>,
}

impl Outbox {
    /// Takes out what was delivered so far.
    pub fn take(&self) -> Vec<Alert> {
        std::mem::take(&mut *self.alerts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Notifier for Outbox {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        self.alerts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(alert.clone());
        Ok(())
    }
}
