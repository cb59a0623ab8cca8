//! For tests: an alert of which every text is somebody else's choice.

use crate::alert::{About, Alert, Kind, SCHEMA};
use crate::finding::{Background, Earlier, Event, Severity};

/// Names that mean something to whoever shows them carelessly.
pub(crate) const NAMES: &[&str] = &[
    "",
    " ",
    "<!channel>|*_~`\"'&<https://evil.example|click>",
    "@here @channel <@U012345> <#C012345>",
    "[click](https://evil.example) **bold** ![](https://evil.example/x.png)",
    "<script>alert(1)</script><b>",
    "a\nb\r\nc\u{2028}d\u{85}e",
    "\u{1b}[2J\u{9b}31m\u{7}\u{0}",
    "evil\u{202e}niam\u{2066}x\u{2069}\u{200f}\u{61c}",
    "main\u{200b}\u{feff}\u{ad}\u{e0041}\u{fe0f}",
    "'; rm -rf / #$(id)`id`",
    "größe-日本語-🚀",
    "https://evil.example/?a=b&c=<d>",
];

/// An alert that says this in every field.
pub(crate) fn alert(text: &str) -> Alert {
    let some = || Some(text.to_owned());
    Alert {
        r#type: Kind::Finding,
        schema: SCHEMA.into(),
        id: text.into(),
        about: About::Assumption,
        check: text.into(),
        severity: Severity::Critical,
        title: text.into(),
        message: text.into(),
        event: Some(Event {
            event_id: text.into(),
            time: "2026-11-20T10:15:00Z".into(),
            region: some(),
            account: some(),
            role_arn: some(),
            role_session_name: some(),
            subject: some(),
            owner: some(),
            repository: some(),
            context: some(),
            owner_id: None,
            repository_id: None,
            issuer: some(),
            audience: some(),
            session_seconds: Some(900),
            source_ip: some(),
            user_agent: some(),
            access_key_id: some(),
            error_code: some(),
            run_url: some(),
        }),
        rule: some(),
        nearest_rule: some(),
        suggestion: some(),
        repeats: Some(3),
        owner: some(),
        background: Background {
            account_name: some(),
            page: some(),
            quiet: some(),
            allowed_seconds: Some(900),
            first_seen: false,
            earlier: Some(Earlier {
                count: u64::MAX,
                since: i64::MAX,
            }),
            allowed_too: Some(u64::MAX),
            summary_of: None,
        },
    }
}

mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::rendering::text::Colour;
    use crate::rendering::{is_unprintable, json, ocsf, sns, text};

    /// SNS takes no more bytes, attributes included.
    const SNS: usize = 256 * 1024;

    /// Id and check are ours, whoever chose the rest.
    fn alerts() -> impl Iterator<Item = Alert> {
        let times = [1, 100, 10_000];
        let texts = NAMES
            .iter()
            .flat_map(move |name| times.map(|times| name.repeat(times)));
        texts.map(|text| Alert {
            id: "59e2a0588b65d113".into(),
            check: "unlisted-context".into(),
            background: Background::default(),
            ..alert(&text)
        })
    }

    #[test]
    fn a_terminal_obeys_none_of_it() {
        for alert in alerts() {
            let text = text::alert(&alert, Colour::Plain);
            let odd = text.lines().find(|line| line.contains(is_unprintable));
            assert_eq!(odd, None);
        }
    }

    #[test]
    fn a_detection_finding_carries_it_in_printable_characters() {
        for alert in alerts() {
            let mut line = Vec::new();
            json::write_line(
                &mut line,
                &ocsf::detection_finding(&alert, DateTime::UNIX_EPOCH),
            )
            .unwrap();
            let line = String::from_utf8(line).unwrap();
            assert!(!line.contains(is_unprintable), "{}", line.escape_debug());
        }
    }

    #[test]
    fn a_publication_fits_and_its_subject_is_ours() {
        for alert in alerts() {
            let published = sns::publication(&alert);
            assert_eq!(published.subject, "rolewatch: critical: unlisted-context");
            let attributes: usize = published
                .attributes
                .iter()
                .map(|(name, value)| {
                    assert!(!value.contains(is_unprintable) && !value.is_empty());
                    name.len() + value.len() + "String".len()
                })
                .sum();
            let size = published.message.len() + attributes;
            assert!(
                size <= SNS,
                "{size}, {attributes} of {}",
                alert.title.escape_debug().take(40).collect::<String>()
            );
        }
    }
}
