//! The settings of detect.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rolewatch::allowlist::parse_duration;
use rolewatch::notify::CHECK;
use rolewatch::rendering::brief::is_address;
use rolewatch::store::Windows;
use rolewatch::upkeep::Own;

use super::fields::{accounts, allowlist, arn, list, required};
use super::{Environment, Location, SettingsError};

/// The longest quiet window: whoever wants silence for longer wants an `[[ignore]]`.
const LONGEST_QUIET: TimeDelta = TimeDelta::days(7);
/// The longest address of a page, before the check's name is put into it.
const LONGEST_ADDRESS: usize = 400;

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
    /// `ROLEWATCH_OWN`: what the names of its own resources begin with, `ROLEWATCH_DEPLOYERS`: the
    /// ARNs of the roles that deploy it; with commas between them. Without, changes of itself are
    /// not told.
    pub own: Own,
    /// `ROLEWATCH_ACCOUNT`: the number of the account that it runs in; alerts that are about no
    /// event say it.
    pub account: Option<String>,
    /// `ROLEWATCH_ACCOUNT_NAMES`: what people call accounts, as `NUMBER=NAME` with commas between.
    pub account_names: BTreeMap<String, String>,
    /// `ROLEWATCH_CHECK_PAGES`: the address of a check's page, with `{check}` for its name.
    pub check_pages: Option<String>,
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
        let own = Own {
            names: list("ROLEWATCH_OWN", environment)
                .into_iter()
                .map(as_cut)
                .collect(),
            deployers: list("ROLEWATCH_DEPLOYERS", environment),
            allowlist: match &allowlist {
                Some(Location::Ssm(name)) => Some(name.clone()),
                _ => None,
            },
        };
        let names = accounts("ROLEWATCH_ACCOUNT_NAMES", environment, &mut problems);
        let check_pages = check_pages(environment, &mut problems);
        match (allowlist, topic_arn, table, windows, names) {
            (Some(allowlist), Some(topic_arn), Some(table), Some(windows), Some(names))
                if problems.is_empty() =>
            {
                Ok(Self {
                    allowlist,
                    topic_arn,
                    table,
                    windows,
                    own,
                    account: environment.get("ROLEWATCH_ACCOUNT"),
                    account_names: names,
                    check_pages,
                })
            }
            _ => Err(SettingsError(problems)),
        }
    }
}

/// What a resource's name begins with, of a stack's name and a dash. `CloudFormation` cuts a long one until a name of 64
/// characters holds the resource's own and its twelve random ones, too: this much is always left. A stack of a `StackSet` is
/// `StackSet-NAME-UUID`, with another UUID in each account and region: NAME alone is what it and its forwarders share.
fn as_cut(name: String) -> String {
    const LEFT: usize = 24;
    const OF_A_SET: &str = "StackSet-";
    let Some(stack) = name.strip_suffix('-') else {
        return name;
    };
    let (of_set, left) = match stack.strip_prefix(OF_A_SET).and_then(without_uuid) {
        Some(of_set) => (of_set, LEFT - OF_A_SET.len()),
        None => (stack, LEFT),
    };
    if of_set.len() > left {
        of_set.chars().take(left).collect()
    } else {
        format!("{of_set}-")
    }
}

/// What stands before a dash and a UUID.
fn without_uuid(name: &str) -> Option<&str> {
    const LENGTHS: [usize; 5] = [12, 4, 4, 4, 8];
    LENGTHS.iter().try_fold(name, |rest, length| {
        let (rest, part) = rest.rsplit_once('-')?;
        let is_hex = part.bytes().all(|b| b.is_ascii_hexdigit());
        (part.len() == *length && is_hex).then_some(rest)
    })
}

/// Refused where it would not become a link in every message.
fn check_pages(environment: &impl Environment, problems: &mut Vec<String>) -> Option<String> {
    const NAME: &str = "ROLEWATCH_CHECK_PAGES";
    let value = environment.get(NAME)?;
    let rest = value.replacen(CHECK, "", 1);
    if rest.len() < value.len() && is_address(&rest) && value.len() <= LONGEST_ADDRESS {
        return Some(value);
    }
    problems.push(format!(
        "{NAME} is not an address that begins with https:// and has {CHECK} in it, for a check's name"
    ));
    None
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
                "ROLEWATCH_OWN" => "rolewatch-, /rolewatch/,",
                "ROLEWATCH_ACCOUNT" => "123456789012",
                "ROLEWATCH_ACCOUNT_NAMES" => "123456789012=production, 210987654321=",
                "ROLEWATCH_CHECK_PAGES" => "https://wiki.example.com/{check}.md",
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
                own: Own {
                    names: vec!["rolewatch-".into(), "/rolewatch/".into()],
                    deployers: Vec::new(),
                    allowlist: Some("/rolewatch/allowlist".into()),
                },
                account: Some("123456789012".into()),
                account_names: [("123456789012".into(), "production".into())].into(),
                check_pages: Some("https://wiki.example.com/{check}.md".into()),
            }
        );
    }

    #[test]
    fn a_long_stacks_name_is_known_as_cloudformation_cuts_it() {
        for (name, beginning) in [
            ("rolewatch-", "rolewatch-"),
            (
                "StackSet-rolewatch-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-",
                "rolewatch-",
            ),
            (
                "StackSet-a-long-name-of-a-set-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-",
                "a-long-name-of-",
            ),
            ("StackSet-by-hand-", "StackSet-by-hand-"),
            ("twenty-four-characters-x-", "twenty-four-characters-x-"),
            (
                "/rolewatch/a-name-longer-than-twenty-four/",
                "/rolewatch/a-name-longer-than-twenty-four/",
            ),
        ] {
            assert_eq!(as_cut(name.to_owned()), beginning);
        }
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
    fn a_page_s_address_is_one_that_messages_can_link_to() {
        let pages = |value: &str| {
            let mut problems = Vec::new();
            let environment = |_: &str| Some(value.to_owned());
            let pages = check_pages(&environment, &mut problems);
            assert_eq!(pages.is_none(), !problems.is_empty(), "{problems:?}");
            pages
        };
        for good in [
            "https://github.com/my-org/rolewatch/blob/main/docs/checks/{check}.md",
            "https://wiki.example.com/?page={check}#do",
        ] {
            assert_eq!(pages(good).as_deref(), Some(good));
        }
        let long = format!("https://example.com/{}/{{check}}", "x".repeat(400));
        for bad in [
            "https://wiki.example.com/checks",
            "http://wiki.example.com/{check}",
            "https://wiki.example.com/{check}|<!channel>",
            "https://wiki.example.com/{check}/{check}",
            "javascript:{check}",
            &long,
        ] {
            assert_eq!(pages(bad), None, "{bad}");
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
}
