//! The settings of notify.

use rolewatch::rendering::slack::Mentions;

use super::fields::{arn, optional_secret, queue, required, secret};
use super::{Environment, Location, SettingsError};

/// Slack's Web API, unless it is another.
const API: &str = "https://slack.com/api";

/// What notify needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifySettings {
    /// `ROLEWATCH_SLACK_WEBHOOK`: `ssm:NAME` or `secretsmanager:ID`, never the address itself.
    pub slack_webhook: Location,
    /// `ROLEWATCH_SLACK_ROUTES`: where the channels and webhooks of owners are, as JSON; none unless
    /// set.
    pub slack_routes: Option<Location>,
    /// A bot that posts into channels; none unless `ROLEWATCH_SLACK_TOKEN` is set.
    pub slack_bot: Option<SlackBot>,
    /// `ROLEWATCH_SLACK_MENTIONS`: who is mentioned, by severity; nobody unless set.
    pub slack_mentions: Mentions,
    /// `ROLEWATCH_TABLE`: the `DynamoDB` table that remembers.
    pub table: String,
    /// `ROLEWATCH_ALERTS_QUEUE_URL`: the queue that alerts come from.
    pub queue_url: String,
    /// `ROLEWATCH_DEAD_LETTERS_URL`: where those go that cannot be posted.
    pub dead_letters_url: String,
    /// `ROLEWATCH_OPERATIONS_TOPIC_ARN`: where it is told what somebody has to cure.
    pub operations_topic_arn: String,
}

/// A bot of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackBot {
    /// `ROLEWATCH_SLACK_TOKEN`: `ssm:NAME` or `secretsmanager:ID`, never the token itself.
    pub token: Location,
    /// `ROLEWATCH_SLACK_CHANNEL`: where alerts of nobody else go, `#name` or an id.
    pub channel: String,
    /// `ROLEWATCH_SLACK_API`: where Slack's Web API is, `https://slack.com/api` unless set.
    pub api: String,
    /// `ROLEWATCH_SLACK_BUTTONS`: the account whose findings have a button; none where a button that
    /// is pressed has nowhere to go.
    pub buttons: Option<String>,
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
        let slack_bot = bot(environment, p);
        let slack_mentions = mentions(environment, p);
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
                slack_bot,
                slack_mentions,
                table,
                queue_url,
                dead_letters_url,
                operations_topic_arn,
            }),
            _ => Err(SettingsError(problems)),
        }
    }
}

fn bot(environment: &impl Environment, problems: &mut Vec<String>) -> Option<SlackBot> {
    let token = optional_secret("ROLEWATCH_SLACK_TOKEN", environment, problems)?;
    let channel = required("ROLEWATCH_SLACK_CHANNEL", environment, problems)?;
    let api = environment.get("ROLEWATCH_SLACK_API");
    Some(SlackBot {
        token,
        channel,
        api: api.unwrap_or_else(|| API.to_owned()),
        buttons: buttons(environment, problems),
    })
}

fn buttons(environment: &impl Environment, problems: &mut Vec<String>) -> Option<String> {
    const NAME: &str = "ROLEWATCH_SLACK_BUTTONS";
    let said = environment.get(NAME)?;
    if said.len() == 12 && said.bytes().all(|b| b.is_ascii_digit()) {
        return Some(said);
    }
    problems.push(format!("{NAME} is not the number of an account"));
    None
}

fn mentions(environment: &impl Environment, problems: &mut Vec<String>) -> Mentions {
    const NAME: &str = "ROLEWATCH_SLACK_MENTIONS";
    let mentions = Mentions::parse(&environment.get(NAME).unwrap_or_default());
    mentions.unwrap_or_else(|error| {
        problems.push(format!("{NAME}: {error}"));
        Mentions::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(changed: &str, to: &str) -> Result<NotifySettings, SettingsError> {
        NotifySettings::read(&|name: &str| match name {
            name if name == changed => Some(to.to_owned()),
            name => good(name),
        })
    }

    fn good(name: &str) -> Option<String> {
        let value = match name {
            "ROLEWATCH_SLACK_WEBHOOK" => "ssm:/rolewatch/slack-webhook",
            "ROLEWATCH_TABLE" => "rolewatch",
            "ROLEWATCH_ALERTS_QUEUE_URL" => "https://sqs.eu-central-1.amazonaws.com/1/alerts",
            "ROLEWATCH_DEAD_LETTERS_URL" => "https://sqs.eu-central-1.amazonaws.com/1/dead",
            "ROLEWATCH_OPERATIONS_TOPIC_ARN" => "arn:aws:sns:eu-central-1:123456789012:operations",
            _ => return None,
        };
        Some(value.to_owned())
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
    fn a_bot_has_a_token_and_a_channel() {
        let read = |token: &'static str, channel: Option<&'static str>| {
            NotifySettings::read(&move |name: &str| match name {
                "ROLEWATCH_SLACK_TOKEN" => Some(token.to_owned()),
                "ROLEWATCH_SLACK_CHANNEL" => channel.map(str::to_owned),
                _ => good(name),
            })
        };
        let bot = read("ssm:/rolewatch/token", Some("#alerts"))
            .unwrap()
            .slack_bot;
        let expected = SlackBot {
            token: Location::Ssm("/rolewatch/token".into()),
            channel: "#alerts".into(),
            api: "https://slack.com/api".into(),
            buttons: None,
        };
        assert_eq!(bot, Some(expected));
        let error = read("ssm:/rolewatch/token", None).unwrap_err();
        assert_eq!(error.0, ["ROLEWATCH_SLACK_CHANNEL is not set"]);
        let error = read("xoxb-1-secret", Some("#alerts")).unwrap_err();
        assert!(!error.to_string().contains("xoxb"), "{error}");
    }

    #[test]
    fn buttons_are_there_where_it_is_said() {
        let read = |buttons: &'static str| {
            NotifySettings::read(&move |name: &str| match name {
                "ROLEWATCH_SLACK_TOKEN" => Some("ssm:/rolewatch/token".to_owned()),
                "ROLEWATCH_SLACK_CHANNEL" => Some("#alerts".to_owned()),
                "ROLEWATCH_SLACK_BUTTONS" => Some(buttons.to_owned()),
                _ => good(name),
            })
        };
        let bot = read("123456789012").unwrap().slack_bot.unwrap();
        assert_eq!(bot.buttons.as_deref(), Some("123456789012"));
        let error = read("yes").unwrap_err();
        assert_eq!(
            error.0,
            ["ROLEWATCH_SLACK_BUTTONS is not the number of an account"]
        );
    }

    #[test]
    fn mentions_are_read() {
        let settings = with("ROLEWATCH_SLACK_MENTIONS", "critical=here").unwrap();
        assert_eq!(
            settings.slack_mentions,
            Mentions::parse("critical=here").unwrap()
        );
        let error = with("ROLEWATCH_SLACK_MENTIONS", "critical=@here").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("ROLEWATCH_SLACK_MENTIONS: \"@here\" is neither"),
            "{error}"
        );
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
        assert_eq!(error.0.len(), 7, "{error}");
        let error = NotifySettings::read(&|_: &str| None).unwrap_err();
        assert_eq!(error.0.len(), 5, "{error}");
    }
}
