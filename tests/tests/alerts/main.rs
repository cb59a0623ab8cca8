//! `docs/alerts.md`: what arrives in Slack, a picture for each severity. The page is generated;
//! `make docs` writes it, and has the pictures drawn.

#![allow(
    clippy::format_push_string,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and nobody waits for a string"
)]

mod block_kit;
mod picture;
mod preview;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;

use rolewatch_tests::{read, root};
use serde_json::Value;

use crate::preview::{PREVIEWS, Preview};

const PAGE: &str = "docs/alerts.md";

const INTRODUCTION: &str = "\
# Alerts

What arrives in Slack, one example of each severity, drawn from the very blocks that are posted (fonts and colours are
ours). The same finding goes out as mail (plain text), as `rolewatch.finding/1` to whoever subscribes to the topic, to Amazon Q
Developer (`AmazonQ`, one thread for those alike) and to a bus (`EventBusArn`); `replay` writes it as OCSF and SARIF too.

Alerts of a rule with an owner go where `SlackRoutes` says: the owner's webhook or, with a bot (`SlackToken`), channel. A bot
puts repeats into the thread of the first alert and keeps count there, mentions whom `SlackMentions` names for the severity,
and, where `SlackSigningSecret` is set, posts a button that snoozes. More than five at once, or within 20 seconds,
are one digest, for which the last of them wait until these are over; what is critical is always by itself, and first.

An alert says in at most ten words who assumed which role and why that is told, then the circumstances (the time in the
reader's own zone, the session asked for against the one allowed, whether it was seen before), what to do first, the
smallest rule that would allow it with what else it would have allowed in the last 100 days, and where to look. Repeats
within the quiet window are counted and told once, in a line. Names come from tokens and records, so they stand in code
or plain text: none can ping, link or break out.

`rolewatch snooze FINDING_ID --for 24h --reason …` keeps those like it quiet: the same check, account,
role and repository. They go on being counted and reported. A critical one cannot be snoozed.

To see your own, paste a line of this into [Block Kit Builder](https://app.slack.com/block-kit-builder):

    rolewatch replay --format slack --allowlist allowlist.toml path/to/AWSLogs

";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for preview in PREVIEWS {
        let Preview { severity, says, .. } = preview;
        let message = preview.message();
        let alt = message["text"].as_str().unwrap();
        writeln!(
            page,
            "## {severity}\n\n{says}\n\n![{}](alerts/{severity}.png)\n",
            alt.replace(['[', ']'], "")
        )
        .unwrap();
        writeln!(
            page,
            "<details><summary>The payload</summary>\n\n```json\n{}\n```\n\n</details>\n",
            serde_json::to_string_pretty(&message).unwrap()
        )
        .unwrap();
    }
    page.truncate(page.trim_end().len());
    page + "\n"
}

/// Writes the page and its pictures, once, where that is asked for.
fn write_docs() {
    static WRITTEN: Once = Once::new();
    if std::env::var_os("ROLEWATCH_WRITE_DOCS").is_none() {
        return;
    }
    WRITTEN.call_once(|| {
        std::fs::write(root().join(PAGE), page()).unwrap();
    });
}

#[test]
fn the_page_shows_what_is_posted() {
    write_docs();
    assert!(
        read(PAGE) == page(),
        "{PAGE} is not what is posted: make docs"
    );
}

/// With a folder in `ROLEWATCH_ALERT_PAGES`, writes into it what `tests/browser/run` draws.
#[test]
fn every_picture_is_there() {
    let pages = std::env::var_os("ROLEWATCH_ALERT_PAGES").map(PathBuf::from);
    for preview in PREVIEWS {
        let severity = preview.severity;
        picture::assert_picture(&root().join(format!("docs/alerts/{severity}.png")));
        if let Some(folder) = &pages {
            picture::write(&preview.message(), &folder.join(format!("{severity}.html")));
        }
    }
}

#[test]
fn every_block_is_drawn_and_none_of_its_text_is_lost() {
    for preview in PREVIEWS {
        let message = preview.message();
        let html = block_kit::page(&message);
        for text in texts(&message["blocks"]) {
            for word in text
                .split_whitespace()
                .filter(|it| it.chars().all(char::is_alphanumeric))
            {
                assert!(html.contains(word), "{word} of {text}");
            }
        }
    }
}

/// Run by a shell, with an `aws` that prints its last argument.
#[test]
fn the_command_of_a_critical_alert_is_one_that_a_shell_understands() {
    let message = PREVIEWS[0].message();
    let texts = texts(&message["blocks"]);
    let text = texts.iter().find(|it| it.contains("put-role-policy"));
    let command = text.unwrap().split("```").nth(1).unwrap();
    let script = format!("aws() {{ shift 7; printf %s \"$1\"; }}\n{command}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let policy: Value = serde_json::from_slice(&output.stdout).unwrap();
    let statement = &policy["Statement"][0];
    assert_eq!(
        (&statement["Effect"], &statement["Action"]),
        (&"Deny".into(), &"*".into())
    );
    let until = &statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"];
    assert_eq!(until.as_str().unwrap().len(), "2026-11-20T10:15:00Z".len());
}

fn texts(node: &Value) -> Vec<&str> {
    match node {
        Value::Array(nodes) => nodes.iter().flat_map(texts).collect(),
        Value::Object(object) => match object.get("text") {
            Some(Value::String(text)) => vec![text],
            _ => object.values().flat_map(texts).collect(),
        },
        _ => Vec::new(),
    }
}
