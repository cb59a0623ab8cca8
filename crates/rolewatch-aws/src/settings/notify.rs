//! The settings of notify.

use super::fields::{arn, optional_secret, queue, required, secret};
use super::{Environment, Location, SettingsError};

/// What notify needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifySettings {
    /// `ROLEWATCH_SLACK_WEBHOOK`: `ssm:NAME` or `secretsmanager:ID`, never the address itself.
    pub slack_webhook: Location,
    /// `ROLEWATCH_SLACK_ROUTES`: where the webhooks of owners are, as JSON; none unless set.
    pub slack_routes: Option<Location>,
    /// `ROLEWATCH_TABLE`: the `DynamoDB` table that remembers.
    pub table: String,
    /// `ROLEWATCH_ALERTS_QUEUE_URL`: the queue that alerts come from.
    pub queue_url: String,
    /// `ROLEWATCH_DEAD_LETTERS_URL`: where those go that cannot be posted.
    pub dead_letters_url: String,
    /// `ROLEWATCH_OPERATIONS_TOPIC_ARN`: where it is told what somebody has to cure.
    pub operations_topic_arn: String,
}

impl NotifySettings {
    /// Reads them.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn read(environment: &impl Environment) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        let p = &mut problems;
        let slack_webhook = secret("ROLEWATCH_SLACK_WEBHOOK", environment, p);
        let slack_routes = optional_secret("ROLEWATCH_SLACK_ROUTES", environment, p);
        let table = required("ROLEWATCH_TABLE", environment, p);
        let queue_url = queue("ROLEWATCH_ALERTS_QUEUE_URL", environment, p);
        let dead_letters_url = queue("ROLEWATCH_DEAD_LETTERS_URL", environment, p);
        let operations = arn("ROLEWATCH_OPERATIONS_TOPIC_ARN", "sns", environment, p);
        match (
            slack_webhook,
            table,
            queue_url,
            dead_letters_url,
            operations,
        ) {
            (
                Some(slack_webhook),
                Some(table),
                Some(queue_url),
                Some(dead_letters_url),
                Some(operations_topic_arn),
            ) if problems.is_empty() => Ok(Self {
                slack_webhook,
                slack_routes,
                table,
                queue_url,
                dead_letters_url,
                operations_topic_arn,
            }),
            _ => Err(SettingsError(problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(changed: &str, to: &str) -> Result<NotifySettings, SettingsError> {
        NotifySettings::read(&|name: &str| {
            let value = match name {
                name if name == changed => to,
                "ROLEWATCH_SLACK_WEBHOOK" => "ssm:/rolewatch/slack-webhook",
                "ROLEWATCH_TABLE" => "rolewatch",
                "ROLEWATCH_ALERTS_QUEUE_URL" => "https://sqs.eu-central-1.amazonaws.com/1/alerts",
                "ROLEWATCH_DEAD_LETTERS_URL" => "https://sqs.eu-central-1.amazonaws.com/1/dead",
                "ROLEWATCH_OPERATIONS_TOPIC_ARN" => {
                    "arn:aws:sns:eu-central-1:123456789012:operations"
                }
                _ => return None,
            };
            Some(value.to_owned())
        })
    }

    #[test]
    fn good_settings_are_read() {
        let settings = with("", "").unwrap();
        let webhook = Location::Ssm("/rolewatch/slack-webhook".into());
        assert_eq!(settings.slack_webhook, webhook);
        assert_eq!(settings.slack_routes, None);
        let routed = with("ROLEWATCH_SLACK_ROUTES", "secretsmanager:routes").unwrap();
        let expected = Location::SecretsManager("routes".into());
        assert_eq!(routed.slack_routes, Some(expected));
    }

    #[test]
    fn a_secret_in_the_environment_is_refused_and_not_repeated() {
        let webhook = "https://hooks.slack.example/services/T0/B0/secret";
        for name in ["ROLEWATCH_SLACK_WEBHOOK", "ROLEWATCH_SLACK_ROUTES"] {
            let error = with(name, webhook).unwrap_err();
            assert!(!error.to_string().contains("hooks.slack"), "{error}");
            assert!(error.to_string().contains("ssm:NAME"), "{error}");
        }
    }

    #[test]
    fn all_problems_come_at_once() {
        let error = NotifySettings::read(&|_: &str| Some("x".to_owned())).unwrap_err();
        assert_eq!(error.0.len(), 5, "{error}");
        let error = NotifySettings::read(&|_: &str| None).unwrap_err();
        assert_eq!(error.0.len(), 5, "{error}");
    }
}
