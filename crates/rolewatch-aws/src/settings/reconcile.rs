//! The settings of reconcile.

use super::fields::required;
use super::{Environment, SettingsError};

/// What reconcile needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconcileSettings {
    /// `ROLEWATCH_TABLE`: the `DynamoDB` table that detect remembers in.
    pub table: String,
    /// `ROLEWATCH_EVENTS`: the URL of the queue that detect takes events from.
    pub events: String,
    /// `AWS_REGION`: the region that this runs in, which Lambda sets.
    pub region: String,
}

impl ReconcileSettings {
    /// Reads them.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn read(environment: &impl Environment) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        let mut setting = |name| required(name, environment, &mut problems);
        let table = setting("ROLEWATCH_TABLE");
        let events = setting("ROLEWATCH_EVENTS");
        let region = setting("AWS_REGION");
        match (table, events, region) {
            (Some(table), Some(events), Some(region)) => Ok(Self {
                table,
                events,
                region,
            }),
            _ => Err(SettingsError(problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_come_at_once() {
        let error = ReconcileSettings::read(&|_: &str| None).unwrap_err();
        assert_eq!(error.0.len(), 3, "{error}");
    }
}
