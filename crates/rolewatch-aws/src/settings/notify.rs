//! The settings of notify.

use super::fields::secret;
use super::{Environment, Location, SettingsError};

/// What notify needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifySettings {
    /// `ROLEWATCH_SLACK_WEBHOOK`: `ssm:NAME` or `secretsmanager:ID`, never the address itself.
    pub slack_webhook: Location,
}

impl NotifySettings {
    /// Reads them.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn read(environment: &impl Environment) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        match secret("ROLEWATCH_SLACK_WEBHOOK", environment, &mut problems) {
            Some(slack_webhook) => Ok(Self { slack_webhook }),
            None => Err(SettingsError(problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_environment_is_refused_and_not_repeated() {
        let webhook = "https://hooks.slack.example/services/T0/B0/secret";
        let error = NotifySettings::read(&|_: &str| Some(webhook.to_owned())).unwrap_err();
        assert!(!error.to_string().contains("hooks.slack"), "{error}");
        assert!(error.to_string().contains("ssm:NAME"), "{error}");
    }
}
