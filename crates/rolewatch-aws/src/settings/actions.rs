//! The settings of actions.

use super::fields::{required, secret};
use super::{Environment, Location, SettingsError};

/// What actions needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionsSettings {
    /// `ROLEWATCH_TABLE`: the `DynamoDB` table that remembers.
    pub table: String,
    /// `ROLEWATCH_SLACK_SIGNING_SECRET`: `ssm:NAME` or `secretsmanager:ID`, never the secret itself.
    pub signing_secret: Location,
}

impl ActionsSettings {
    /// Reads them.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn read(environment: &impl Environment) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        let table = required("ROLEWATCH_TABLE", environment, &mut problems);
        let secret = secret("ROLEWATCH_SLACK_SIGNING_SECRET", environment, &mut problems);
        match (table, secret) {
            (Some(table), Some(signing_secret)) => Ok(Self {
                table,
                signing_secret,
            }),
            _ => Err(SettingsError(problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_environment_is_refused_and_not_repeated() {
        let error = ActionsSettings::read(&|_: &str| Some("8f742231b10e".to_owned()));
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("ssm:NAME") && !error.contains("8f74"),
            "{error}"
        );
    }
}
