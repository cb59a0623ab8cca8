//! The settings of report.

use super::fields::{arn, list, optional_secret, required};
use super::{Environment, Location, SettingsError};

/// What report needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSettings {
    /// `ROLEWATCH_TABLE`: the `DynamoDB` table that detect remembers in.
    pub table: String,
    /// `ROLEWATCH_REPORT_BUCKET`: where pages are kept.
    pub bucket: String,
    /// `ROLEWATCH_REPORT_TOPIC_ARN`: who gets the report by mail.
    pub topic_arn: String,
    /// `ROLEWATCH_SLACK_WEBHOOK`: `ssm:NAME` or `secretsmanager:ID`, never the address itself; Slack is not told unless
    /// it is set.
    pub slack_webhook: Option<Location>,
    /// `ROLEWATCH_DEAD_LETTERS`: the URLs of the queues with events that could not be handed on.
    pub dead_letters: Vec<String>,
    /// `ROLEWATCH_FAILED_DELIVERIES`: the URLs of those with alerts that could not be delivered.
    pub failed_deliveries: Vec<String>,
}

impl ReportSettings {
    /// Reads them.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn read(environment: &impl Environment) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        let table = required("ROLEWATCH_TABLE", environment, &mut problems);
        let bucket = required("ROLEWATCH_REPORT_BUCKET", environment, &mut problems);
        let topic_arn = arn(
            "ROLEWATCH_REPORT_TOPIC_ARN",
            "sns",
            environment,
            &mut problems,
        );
        let slack_webhook = optional_secret("ROLEWATCH_SLACK_WEBHOOK", environment, &mut problems);
        match (table, bucket, topic_arn) {
            (Some(table), Some(bucket), Some(topic_arn)) if problems.is_empty() => Ok(Self {
                table,
                bucket,
                topic_arn,
                slack_webhook,
                dead_letters: list("ROLEWATCH_DEAD_LETTERS", environment),
                failed_deliveries: list("ROLEWATCH_FAILED_DELIVERIES", environment),
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
        let error = ReportSettings::read(&|_: &str| None).unwrap_err();
        assert_eq!(error.0.len(), 3, "{error}");
        let error = ReportSettings::read(&|_: &str| Some("x".to_owned())).unwrap_err();
        assert_eq!(error.0.len(), 2, "{error}");
    }

    #[test]
    fn slack_is_told_where_a_webhook_is_named() {
        let read = |webhook: Option<&'static str>| {
            ReportSettings::read(&move |name: &str| match name {
                "ROLEWATCH_SLACK_WEBHOOK" => webhook.map(str::to_owned),
                "ROLEWATCH_REPORT_TOPIC_ARN" => {
                    Some("arn:aws:sns:eu-central-1:123456789012:mail".to_owned())
                }
                "ROLEWATCH_TABLE" | "ROLEWATCH_REPORT_BUCKET" => Some("rolewatch".to_owned()),
                _ => None,
            })
        };
        assert_eq!(read(None).unwrap().slack_webhook, None);
        let named = read(Some("ssm:/rolewatch/slack-webhook")).unwrap();
        let place = Location::Ssm("/rolewatch/slack-webhook".into());
        assert_eq!(named.slack_webhook, Some(place));
        let secret = read(Some("https://hooks.slack.example/services/T0/B0/x"));
        assert!(!secret.unwrap_err().to_string().contains("hooks.slack"));
    }
}
