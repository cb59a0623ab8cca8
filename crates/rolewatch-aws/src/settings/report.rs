//! The settings of report.

use super::fields::{arn, required, secret};
use super::{Environment, Location, SettingsError};

/// What report needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSettings {
    /// `ROLEWATCH_TABLE`: the `DynamoDB` table that remembers.
    pub table: String,
    /// `ROLEWATCH_REPORT_BUCKET`: where pages are kept.
    pub bucket: String,
    /// `ROLEWATCH_REPORT_TOPIC_ARN`: where the mail's text is published.
    pub topic_arn: String,
    /// `ROLEWATCH_SLACK_WEBHOOK`: `ssm:NAME` or `secretsmanager:ID`, never the address itself.
    pub slack_webhook: Location,
    /// `AWS_REGION`, which Lambda sets: part of the link to a page.
    pub region: String,
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
        let region = required("AWS_REGION", environment, &mut problems);
        match (table, bucket, topic_arn, webhook, region) {
            (Some(table), Some(bucket), Some(topic_arn), Some(slack_webhook), Some(region)) => {
                Ok(Self {
                    table,
                    bucket,
                    topic_arn,
                    slack_webhook,
                    region,
                })
            }
            _ => Err(SettingsError(problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_come_at_once() {
        let error = ReportSettings::read(&|name: &str| {
            (name == "ROLEWATCH_REPORT_TOPIC_ARN").then(|| "reports".to_owned())
        });
        assert_eq!(
            error.unwrap_err().0,
            [
                "ROLEWATCH_TABLE is not set",
                "ROLEWATCH_REPORT_BUCKET is not set",
                "ROLEWATCH_REPORT_TOPIC_ARN is not the ARN of an sns resource",
                "ROLEWATCH_SLACK_WEBHOOK is not set",
                "AWS_REGION is not set"
            ]
        );
    }
}
