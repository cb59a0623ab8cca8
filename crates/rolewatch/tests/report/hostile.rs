//! Names that were chosen to be read as something else.

use proptest::prelude::*;
use rolewatch::assumption::{Assumption, Observation};
use rolewatch::rendering::is_unprintable;
use rolewatch::rendering::terminal::WIDEST_LINE;
use rolewatch::rendering::text::Colour;
use rolewatch::report::model::Report;
use rolewatch::report::rendering::{csv, html, json, markdown, slack, text};
use rolewatch::report::sheet::sheet;
use unicode_width::UnicodeWidthStr;

use crate::events::{ROLES, allowlist, assumption, by_archive};

/// A week in which every name is this text, or holds it.
fn report(name: &str) -> Report {
    let subjects = [
        format!("repo:{name}/{name}:ref:refs/heads/{name}"),
        format!("repo:acme/app:ref:refs/heads/{name}"),
        format!("repo:acme/lib:ref:refs/tags/v{name}"),
        format!("{name}:{name}"),
    ];
    let mut events: Vec<Observation> = Vec::new();
    for (number, subject) in subjects.iter().enumerate() {
        for (more, time) in ["2026-11-11T10:00:00Z", "2026-11-17T10:00:00Z"]
            .iter()
            .enumerate()
        {
            let role = ROLES.get(number).copied().unwrap_or(name);
            let mut event = assumption((2 * number + more) as u64, time, role, subject);
            event.role_session_name = Some(name.into());
            event.user_agent = Some(name.into());
            event.source_ip = Some(name.into());
            event.region = Some(name.into());
            events.push(Observation::from(event));
        }
    }
    by_archive(&events, &allowlist()).0
}

/// How many tags a page has, and how many scripts.
fn markup(page: &str) -> (usize, usize) {
    (page.matches('<').count(), page.matches("<script").count())
}

fn assert_harmless(name: &str) {
    let report = report(name);
    let sheet = sheet(&report);
    let page = html::render(&report, &sheet);
    assert!(
        !page.contains("<script>alert") && !page.contains("onerror=\""),
        "{name}"
    );
    assert_eq!(markup(&page).1, 1, "{name}");
    for form in [
        page,
        json::render(&report),
        markdown::render(&sheet),
        text::render(&sheet, Colour::Plain),
        csv::render(&sheet),
        slack::message(&report, &sheet, None).to_string(),
    ] {
        let shown = |c: char| c != '\n' && c != '\r' && is_unprintable(c);
        assert!(!form.contains(shown), "{name}: {form}");
    }
    let widest = text::render(&sheet, Colour::Plain)
        .lines()
        .map(UnicodeWidthStr::width)
        .max();
    assert!(widest.unwrap() <= WIDEST_LINE, "{name}");
    for line in csv::render(&sheet).lines() {
        let fields = fields(line);
        assert_eq!(fields.len(), 7, "{name}: {line}");
        for field in fields {
            let first = field.trim_start();
            assert!(!first.starts_with(['=', '+', '-', '@']), "{name}: {line}");
        }
    }
}

/// The fields of a line of CSV.
pub(crate) fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let field = fields.last_mut().unwrap();
        match c {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

#[test]
fn hostile_names_stay_names() {
    for name in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=\"alert(1)\">",
        "</style></svg><a href='https://evil.example'>",
        "=HYPERLINK(\"https://evil.example\")",
        "+1|cmd",
        "@everyone",
        "`|~~~ [x](https://evil.example) <!channel>",
        "\u{202e}gnp\u{1b}[2J\n| a |",
        "{{ 7*7 }}{% raw %}",
    ] {
        assert_harmless(name);
    }
}

/// Where a name stands in Markdown it is code, and nothing in it ends the code.
#[test]
fn markdown_has_names_in_code_alone() {
    let report = report("@everyone[x](https://evil.example)`|");
    let page = markdown::render(&sheet(&report));
    for line in page.lines() {
        let outside: String = line.split('`').step_by(2).collect();
        assert!(
            !outside.contains("@everyone") && !outside.contains("evil"),
            "{line}"
        );
    }
}

fn assert_within_slacks_limits(report: &Report) {
    let url = format!(
        "https://eu-central-1.console.aws.amazon.com/s3/object/{}",
        "x".repeat(300)
    );
    let message = slack::message(report, &sheet(report), Some(&url));
    let blocks = message["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50 && message.to_string().len() < 100_000);
    let length = |value: &serde_json::Value| value["text"].as_str().unwrap().chars().count();
    assert!((1..=40_000).contains(&length(&message)));
    for block in blocks {
        if let Some(elements) = block["elements"].as_array() {
            let all_fit = elements.iter().all(|it| (1..=2000).contains(&length(it)));
            assert!((1..=10).contains(&elements.len()) && all_fit, "{block}");
        }
        if let Some(fields) = block["fields"].as_array() {
            assert!((1..=10).contains(&fields.len()) && fields.iter().all(|it| length(it) <= 2000));
        }
        if block.get("text").is_some() {
            let most = if block["type"] == "header" { 150 } else { 3000 };
            assert!((1..=most).contains(&length(&block["text"])), "{block}");
        }
    }
    let markup = message.to_string();
    let plain: Vec<&serde_json::Value> = blocks
        .iter()
        .filter(|it| it["text"]["type"] != "plain_text")
        .collect();
    for block in plain {
        for (at, _) in block.to_string().match_indices('<') {
            assert!(
                block.to_string()[at..].starts_with("<https://eu-central-1."),
                "{markup}"
            );
        }
    }
}

/// A large account: what does not fit is counted.
fn large(many: u64, name: &str) -> Report {
    let event = |number: u64| -> Assumption {
        let role = format!("arn:aws:iam::123456789012:role/{name}-{number}");
        let subject = format!("repo:{name}/{name}-{number}:ref:refs/heads/{name}");
        assumption(number, "2026-11-17T10:00:00Z", &role, &subject)
    };
    let before = Observation::from(assumption(
        0,
        "2026-11-10T10:00:00Z",
        ROLES[0],
        "repo:acme/app:pull_request",
    ));
    let events: Vec<Observation> = std::iter::once(before)
        .chain((1..=many).map(|it| event(it).into()))
        .collect();
    by_archive(&events, &allowlist()).0
}

#[test]
fn a_large_account_fits_into_a_slack_message() {
    let report = large(1500, "<!channel>&`*");
    assert_within_slacks_limits(&report);
    assert_eq!(report.findings.worst.total, 1500);
    assert_eq!(report.findings.worst.items.len(), 1000);
    let message = slack::message(&report, &sheet(&report), None).to_string();
    assert!(message.contains("and 1,495 more"), "{message}");
    assert_within_slacks_limits(&large(40, &"&".repeat(300)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_name_is_shown_as_text(name in "\\PC{1,30}|[<>\"'&`=@+|\\n\\x00-\\x1f]{1,20}") {
        assert_harmless(&name);
        assert_within_slacks_limits(&report(&name));
    }
}
