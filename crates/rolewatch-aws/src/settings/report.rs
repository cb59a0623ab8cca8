//! The settings of report.

use super::fields::{arn, list, required, secret};
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
    /// `ROLEWATCH_SLACK_WEBHOOK`: `ssm:NAME` or `secretsmanager:ID`, never the address itself.
    pub slack_webhook: Location,
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
        let webhook = secret("ROLEWATCH_SLACK_WEBHOOK", environment, &mut problems);
        match (table, bucket, topic_arn, webhook) {
            (Some(table), Some(bucket), Some(topic_arn), Some(slack_webhook)) => Ok(Self {
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
        assert_eq!(error.0.len(), 4, "{error}");
    }
}
