//! Settings from the environment: read once, every problem at once.

use std::fmt;
use std::path::PathBuf;

use chrono::TimeDelta;
use rolewatch::allowlist::parse_duration;
use rolewatch::store::Windows;

/// The longest quiet window: whoever wants silence for longer wants an `[[ignore]]`.
const LONGEST_QUIET: TimeDelta = TimeDelta::days(7);

/// Where something that is not in the environment itself is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// `ssm:NAME`: a parameter of Systems Manager.
    Ssm(String),
    /// `secretsmanager:ID`: a secret.
    SecretsManager(String),
    /// `s3://BUCKET/KEY`: an object.
    S3 {
        /// The bucket.
        bucket: String,
        /// The object's key.
        key: String,
    },
    /// A file beside the function.
    File(PathBuf),
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ssm(name) => write!(f, "ssm:{name}"),
            Self::SecretsManager(id) => write!(f, "secretsmanager:{id}"),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Everything that is wrong with the settings. None of their values is repeated: one of them
/// may be a secret in the wrong place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the settings are not usable: {}", .0.join("; "))]
pub struct SettingsError(pub Vec<String>);

/// The environment, as far as settings are concerned.
pub trait Environment {
    /// The value of a variable; none where it is not set, or empty.
    fn get(&self, name: &str) -> Option<String>;
}

/// The process's own.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

impl<F: Fn(&str) -> Option<String>> Environment for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name).filter(|value| !value.is_empty())
    }
}

/// What detect needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetectSettings {
    /// `ROLEWATCH_ALLOWLIST`: `s3://BUCKET/KEY`, `ssm:NAME`, or a file.
    pub allowlist: Location,
    /// `ROLEWATCH_TOPIC_ARN`: where findings are published.
    pub topic_arn: String,
    /// `ROLEWATCH_TABLE`: the `DynamoDB` table that remembers.
    pub table: String,
    /// `ROLEWATCH_QUIET_WINDOW`: how long findings like one that was told are only counted; an
    /// hour unless said. With `0s` every finding is told at once.
    pub windows: Windows,
}

/// What notify needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifySettings {
    /// `ROLEWATCH_SLACK_WEBHOOK`: `ssm:NAME` or `secretsmanager:ID`, never the address itself.
    pub slack_webhook: Location,
}

impl DetectSettings {
    /// Reads them.
    ///
    /// # Errors
    /// Every problem there is.
    pub fn read(environment: &impl Environment) -> Result<Self, SettingsError> {
        let mut problems = Vec::new();
        let allowlist = allowlist(environment, &mut problems);
        let topic_arn = arn("ROLEWATCH_TOPIC_ARN", "sns", environment, &mut problems);
        let table = required("ROLEWATCH_TABLE", environment, &mut problems);
        let windows = windows(environment, &mut problems);
        match (allowlist, topic_arn, table, windows) {
            (Some(allowlist), Some(topic_arn), Some(table), Some(windows)) => Ok(Self {
                allowlist,
                topic_arn,
                table,
                windows,
            }),
            _ => Err(SettingsError(problems)),
        }
    }
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

fn required(
    name: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<String> {
    let value = environment.get(name);
    if value.is_none() {
        problems.push(format!("{name} is not set"));
    }
    value
}

fn allowlist(environment: &impl Environment, problems: &mut Vec<String>) -> Option<Location> {
    const NAME: &str = "ROLEWATCH_ALLOWLIST";
    let value = required(NAME, environment, problems)?;
    match value.split_once(':') {
        Some(("ssm", name)) if !name.is_empty() => Some(Location::Ssm(name.to_owned())),
        Some(("s3", rest)) if object(rest).is_some() => object(rest),
        Some(("ssm" | "s3" | "secretsmanager" | "http" | "https", _)) => {
            problems.push(format!(
                "{NAME} is neither s3://BUCKET/KEY nor ssm:NAME nor a path"
            ));
            None
        }
        _ => Some(Location::File(value.into())),
    }
}

fn windows(environment: &impl Environment, problems: &mut Vec<String>) -> Option<Windows> {
    const NAME: &str = "ROLEWATCH_QUIET_WINDOW";
    let default = Windows::default();
    let Some(value) = environment.get(NAME) else {
        return Some(default);
    };
    let Ok(seconds) = parse_duration(&value) else {
        problems.push(format!(
            "{NAME} is not a length of time (write hours, minutes or seconds: 1h, 15m, 1h30m, 0s)"
        ));
        return None;
    };
    let quiet = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
    let Some(quiet) = quiet.filter(|quiet| *quiet <= LONGEST_QUIET) else {
        problems.push(format!(
            "{NAME} is longer than {} days",
            LONGEST_QUIET.num_days()
        ));
        return None;
    };
    Some(Windows {
        quiet,
        // A window that is shorter than this would close before it has told what it gathered.
        gather: default.gather.min(quiet),
    })
}

/// What stands behind `s3:`.
fn object(rest: &str) -> Option<Location> {
    let (bucket, key) = rest.strip_prefix("//")?.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then(|| Location::S3 {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    })
}

fn secret(
    name: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<Location> {
    let value = required(name, environment, problems)?;
    match value.split_once(':') {
        Some(("ssm", parameter)) if !parameter.is_empty() => {
            Some(Location::Ssm(parameter.to_owned()))
        }
        Some(("secretsmanager", id)) if !id.is_empty() => {
            Some(Location::SecretsManager(id.to_owned()))
        }
        _ => {
            problems.push(format!(
                "{name} is neither ssm:NAME nor secretsmanager:ID (never put the secret itself there)"
            ));
            None
        }
    }
}

fn arn(
    name: &str,
    service: &str,
    environment: &impl Environment,
    problems: &mut Vec<String>,
) -> Option<String> {
    let value = required(name, environment, problems)?;
    let fields: Vec<&str> = value.splitn(6, ':').collect();
    if fields.len() == 6 && fields[0] == "arn" && fields[2] == service {
        return Some(value);
    }
    problems.push(format!("{name} is not the ARN of an {service} resource"));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &'static [(&str, &str)]) -> impl Environment {
        |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:findings";

    fn with_quiet_window(value: &str) -> Result<DetectSettings, SettingsError> {
        DetectSettings::read(&|name: &str| {
            let value = match name {
                "ROLEWATCH_ALLOWLIST" => "ssm:/rolewatch/allowlist",
                "ROLEWATCH_TOPIC_ARN" => TOPIC,
                "ROLEWATCH_TABLE" => "rolewatch",
                "ROLEWATCH_QUIET_WINDOW" => value,
                _ => return None,
            };
            Some(value.to_owned())
        })
    }

    #[test]
    fn good_settings_are_read() {
        let settings = with_quiet_window("").unwrap();
        assert_eq!(
            settings,
            DetectSettings {
                allowlist: Location::Ssm("/rolewatch/allowlist".into()),
                topic_arn: TOPIC.into(),
                table: "rolewatch".into(),
                windows: Windows::default(),
            }
        );
    }

    #[test]
    fn nothing_gathers_for_longer_than_its_window() {
        for (text, quiet, gather) in [
            ("2h", 7200, 300),
            ("1h30m", 5400, 300),
            ("168h", 604_800, 300),
            ("4s", 4, 4),
            ("0s", 0, 0),
        ] {
            let windows = with_quiet_window(text).unwrap().windows;
            let seconds = (windows.quiet.num_seconds(), windows.gather.num_seconds());
            assert_eq!(seconds, (quiet, gather), "{text}");
        }
    }

    #[test]
    fn no_other_quiet_window_is_taken() {
        for text in ["1", "1 hour", "-1h", "1d", "1m1h", "h"] {
            let problems = with_quiet_window(text).unwrap_err().0;
            assert!(
                problems[0].contains("not a length of time"),
                "{text}: {problems:?}"
            );
        }
        for text in ["169h", "604801s", "5000000000000000h"] {
            let problems = with_quiet_window(text).unwrap_err().0;
            assert_eq!(
                problems,
                ["ROLEWATCH_QUIET_WINDOW is longer than 7 days"],
                "{text}"
            );
        }
    }

    #[test]
    fn an_allowlist_is_an_object_a_parameter_or_a_file() {
        let read = |value: &str| {
            let mut problems = Vec::new();
            let environment =
                |name: &str| (name == "ROLEWATCH_ALLOWLIST").then(|| value.to_owned());
            let location = allowlist(&environment, &mut problems);
            assert_eq!(location.is_none(), !problems.is_empty(), "{value}");
            location.map(|location| format!("{location:?}"))
        };
        for good in [
            "s3://bucket/a/key.toml",
            "ssm:/a/b",
            "allowlist.toml",
            "/a/b:c",
        ] {
            assert_eq!(read(good).as_deref(), Some(good));
        }
        for bad in [
            "s3://",
            "s3://bucket",
            "s3://bucket/",
            "s3:///key",
            "s3:bucket/key",
            "ssm:",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn all_problems_come_at_once() {
        let error = DetectSettings::read(&environment(&[
            ("ROLEWATCH_TOPIC_ARN", "findings"),
            ("ROLEWATCH_TABLE", ""),
            ("ROLEWATCH_QUIET_WINDOW", "200h"),
        ]));
        assert_eq!(
            error.unwrap_err().0,
            [
                "ROLEWATCH_ALLOWLIST is not set",
                "ROLEWATCH_TOPIC_ARN is not the ARN of an sns resource",
                "ROLEWATCH_TABLE is not set",
                "ROLEWATCH_QUIET_WINDOW is longer than 7 days"
            ]
        );
    }

    #[test]
    fn a_secret_in_the_environment_is_refused_and_not_repeated() {
        let webhook = "https://hooks.slack.example/services/T0/B0/secret";
        let error = NotifySettings::read(&|_: &str| Some(webhook.to_owned())).unwrap_err();
        assert!(!error.to_string().contains("hooks.slack"), "{error}");
        assert!(error.to_string().contains("ssm:NAME"), "{error}");
    }
}
