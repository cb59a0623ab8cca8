//! An alert as a custom notification of Amazon Q Developer in chat applications, which posts to
//! Slack and Teams without a secret of ours. To be published to an SNS topic of its own.
//!
//! Source: "Custom notifications" in its administrator's guide. Its Markdown is that of the
//! chat, so text of records stands in code, or without what begins markup, mentions or links.

use serde_json::{Value, json};

use super::brief::{Brief, Link, Page, sign};
use super::terminal::{cut_to, escape};
use crate::alert::Alert;

/// The longest title, in characters.
const TITLE: usize = 250;
/// The longest description that we write; the guide allows more.
const DESCRIPTION: usize = 3000;
/// The longest next step, keyword or value.
const LINE: usize = 350;
/// A suggestion longer than this is left to the JSON.
const SUGGESTION: usize = 1200;
/// The command of the first step, with what has to follow it, is shorter than this.
const COMMAND: usize = 700;

/// The notification, as the message of an SNS publication.
#[must_use]
pub fn notification(alert: &Alert) -> Value {
    let brief = Brief::of(alert);
    let title = format!("{} {}", sign(alert.severity), unmarked(&brief.headline));
    let thread = alert.background.quiet.as_deref().unwrap_or(&alert.id);
    json!({
        "version": "1.0",
        "source": "custom",
        "id": unmarked(&alert.id),
        "content": {
            "textType": "client-markdown",
            "title": cut_to(&title, TITLE),
            "description": description(&brief),
            "nextSteps": next_steps(&brief),
            "keywords": [alert.severity.as_str(), unmarked(&alert.check)],
        },
        "metadata": {
            "threadId": unmarked(thread),
            "summary": cut_to(&title, TITLE),
            "eventType": unmarked(&alert.check),
            "relatedResources": role(alert),
            "additionalContext": {
                "severity": alert.severity.as_str(),
                "finding": unmarked(&alert.id),
                "owner": unmarked(brief.owner.unwrap_or_default()),
            },
        },
    })
}

fn description(brief: &Brief<'_>) -> String {
    let mut lines = vec![unmarked(brief.message)];
    let values = brief.parties.iter().chain(&brief.context);
    lines.extend(values.map(|(label, value)| format!("{label}: {}", code(value))));
    lines.extend(brief.utc().map(|it| format!("when: {it}")));
    if let Some(rule) = brief.nearest {
        lines.push(format!("nearest rule: {}", code(rule)));
    }
    lines.extend(brief.links.iter().map(link));
    let mut text = String::new();
    for line in lines {
        // Only whole lines: half of one would leave its code open.
        if text.chars().count() + line.chars().count() < DESCRIPTION - SUGGESTION - COMMAND {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text + &command(brief) + &suggestion(brief).unwrap_or_default()
}

fn command(brief: &Brief<'_>) -> String {
    let step = brief.first_step.as_ref();
    let Some(command) = step.and_then(|step| step.command.as_deref()) else {
        return String::new();
    };
    let then = step.and_then(|step| step.then.as_deref());
    let then = then.map_or_else(String::new, |it| format!("{}\n", harmless(it)));
    format!("First:\n```\n{command}\n```\n{then}")
}

fn suggestion(brief: &Brief<'_>) -> Option<String> {
    let lines: Vec<String> = brief.suggestion?.lines().map(harmless).collect();
    let radius = brief.blast_radius.as_deref().unwrap_or_default();
    let toml = lines.join("\n");
    let text = format!("If this is wanted, add to the allowlist:\n```\n{toml}\n```\n{radius}");
    (text.chars().count() <= SUGGESTION).then_some(text)
}

fn next_steps(brief: &Brief<'_>) -> Vec<String> {
    let page = match &brief.page {
        Page::At(url) => url.clone(),
        Page::Command(command) => code(command),
    };
    let first = brief.first_step.as_ref().map(|step| {
        let text = step.text.trim_end_matches(':');
        format!("Do first: {}", cut_to(text, LINE))
    });
    first
        .into_iter()
        .chain([format!("All steps: {page}")])
        .collect()
}

fn role(alert: &Alert) -> Vec<String> {
    let event = alert.event.as_ref();
    let role = event.and_then(|event| event.role_arn.as_deref());
    role.map(|role| cut_to(&harmless(role), LINE))
        .into_iter()
        .collect()
}

fn link(link: &Link) -> String {
    format!("{}: {}", link.label, link.url)
}

fn code(value: &str) -> String {
    // An empty span would be two backticks, which begin another.
    let value = if value.is_empty() { " " } else { value };
    format!("`{}`", cut_to(&harmless(value), LINE))
}

/// For code: visible, and without what could end it or ping from within.
fn harmless(text: &str) -> String {
    escape(text)
        .replace('`', "'")
        .replace('<', "‹")
        .replace('>', "›")
}

/// For text: without what begins code, mentions or links; look-alikes stand for it.
fn unmarked(text: &str) -> String {
    let text = harmless(text)
        .replace('@', "＠")
        .replace('[', "(")
        .replace(']', ")")
        .replace("://", ":∕∕");
    cut_to(&text, LINE * 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rendering::hostile::{NAMES, alert};

    fn assert_acceptable(notification: &Value) {
        let content = &notification["content"];
        let length = |text: &Value| text.as_str().unwrap().chars().count();
        assert!((1..=TITLE).contains(&length(&content["title"])));
        assert!((1..=DESCRIPTION).contains(&length(&content["description"])));
        for step in content["nextSteps"].as_array().unwrap() {
            assert!(length(step) <= LINE + 40);
        }
        let title = content["title"].as_str().unwrap();
        assert!(!title.contains(['<', '>', '@', '`', '[']), "{title}");
        let text = content["description"].as_str().unwrap();
        assert!(!text.contains(['<', '>']), "{text}");
        for (index, part) in text.split('`').enumerate() {
            // Outside of code there is nothing that pings, and no link but ours.
            if index % 2 == 0 {
                assert!(
                    !part.contains('@') && !part.contains("https://evil"),
                    "{part}"
                );
            }
        }
    }

    #[test]
    fn hostile_names_stay_names() {
        for name in NAMES {
            for times in [1, 300] {
                let mut alert = alert(&name.repeat(times));
                alert.event.as_mut().unwrap().run_url = None;
                assert_acceptable(&notification(&alert));
            }
        }
    }

    proptest! {
        #[test]
        fn every_notification_is_within_the_limits(
            text in prop_oneof![any::<String>(), "[<>&`*@\\[\\]()!_~|]{0,40}"],
            times in 1usize..400,
            summary in any::<bool>(),
        ) {
            let mut alert = alert(&text.repeat(times));
            alert.event.as_mut().unwrap().run_url = None;
            alert.background.summary_of = summary.then(|| alert.id.clone());
            assert_acceptable(&notification(&alert));
        }
    }
}
