//! The settings of relay.

use super::fields::{arn, required};
use super::{Environment, SettingsError};

/// What relay needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelaySettings {
    /// `ROLEWATCH_TABLE`: the `DynamoDB` table that remembers.
    pub table: String,
    /// `ROLEWATCH_CHAT_TOPIC_ARN`: the topic that Amazon Q Developer subscribes to.
    pub chat_topic_arn: Option<String>,
    /// `ROLEWATCH_BUS_ARN`: the bus that findings are put on.
    pub bus_arn: Option<String>,
}

impl RelaySettings {
    /// Reads them.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn read(environment: &impl Environment) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        let table = required("ROLEWATCH_TABLE", environment, &mut problems);
        let mut optional = |name: &str, service: &str| {
            environment.get(name)?;
            arn(name, service, environment, &mut problems)
        };
        let chat_topic_arn = optional("ROLEWATCH_CHAT_TOPIC_ARN", "sns");
        let bus_arn = optional("ROLEWATCH_BUS_ARN", "events");
        match table {
            Some(table) if problems.is_empty() => Ok(Self {
                table,
                chat_topic_arn,
                bus_arn,
            }),
            _ => Err(SettingsError(problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUS: &str = "arn:aws:events:eu-central-1:123456789012:event-bus/findings";

    #[test]
    fn each_place_is_optional() {
        let settings = RelaySettings::read(&|name: &str| match name {
            "ROLEWATCH_TABLE" => Some("rolewatch".to_owned()),
            "ROLEWATCH_BUS_ARN" => Some(BUS.to_owned()),
            _ => None,
        });
        let settings = settings.unwrap();
        assert_eq!(
            (settings.chat_topic_arn, settings.bus_arn.as_deref()),
            (None, Some(BUS))
        );
    }

    #[test]
    fn all_problems_come_at_once() {
        let error = RelaySettings::read(&|name: &str| {
            (name != "ROLEWATCH_TABLE").then(|| "findings".to_owned())
        });
        assert_eq!(error.unwrap_err().0.len(), 3);
    }
}
