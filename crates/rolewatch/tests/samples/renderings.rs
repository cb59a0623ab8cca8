//! One finding in every form, for every check: what people and machines are sent.

use std::fmt::Write as _;
use std::path::PathBuf;

use rolewatch::alert::Alert;
use rolewatch::checks;
use rolewatch::detect::Decision;
use rolewatch::rendering::{amazon_q, eventbridge, mail, ocsf, slack, sns};
use serde_json::Value;

use crate::about_itself;
use crate::judging::{allowlist, judge_remembering, samples};

/// The first sample that fires.
fn firing(check: &str) -> PathBuf {
    let folder = samples().join("records").join(check);
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let is_one = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("fires-")
    };
    paths.filter(is_one).min().unwrap()
}

fn alert(check: &str) -> Alert {
    let decision: Decision = judge_remembering(&firing(check), &allowlist()).unwrap();
    let mut findings = decision.findings.iter();
    Alert::from(findings.find(|it| it.check.id == check).unwrap())
}

fn pretty(value: impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

fn in_every_form(alert: &Alert) -> String {
    let noon = "2026-11-20T12:00:00Z".parse().unwrap();
    let published = sns::publication(alert);
    let mut forms = String::new();
    for (name, form) in [
        ("Slack", pretty(slack::message(alert))),
        (
            "mail",
            format!("Subject: {}\n\n{}", published.subject, mail::mail(alert)),
        ),
        ("Amazon Q", pretty(amazon_q::notification(alert))),
        ("OCSF", pretty(ocsf::detection_finding(alert, noon))),
        ("EventBridge", pretty(eventbridge::entry(alert))),
    ] {
        let _ = writeln!(forms, "# {name}\n{form}\n");
    }
    for (name, value) in &published.attributes {
        let _ = writeln!(forms, "attribute {name}: {value}");
    }
    forms
}

#[test]
fn every_check_in_every_form() {
    for check in checks::ALL {
        insta::assert_snapshot!(check.id, in_every_form(&alert(check.id)));
    }
}

#[test]
fn what_is_about_no_event_in_every_form() {
    for page in checks::ABOUT_ALLOWLIST.iter().chain(checks::ABOUT_SERVICE) {
        insta::assert_snapshot!(page.id, in_every_form(&about_itself::alert(page.id)));
    }
}

#[test]
fn a_summary_of_repeats_in_every_form() {
    let mut alert = alert("unlisted-context");
    alert.repeats = Some(7);
    alert.title = format!("7 more: {}", alert.title);
    alert.message = format!("7 more like finding {}, with 2 subjects", alert.id);
    alert.background.summary_of = Some(alert.id.clone());
    insta::assert_snapshot!("summary", in_every_form(&alert));
}

/// What notify posts besides: many as one, for another place than was meant, and without blocks.
#[test]
fn a_storm_and_what_slack_does_not_take_as_it_is() {
    let alerts: Vec<Alert> = checks::ALL.iter().map(|check| alert(check.id)).collect();
    let alerts: Vec<&Alert> = alerts.iter().collect();
    let mentions = slack::Mentions::parse("critical=here,S0123ABCD").unwrap();
    insta::assert_snapshot!("digest", pretty(slack::posting(&alerts, None, &mentions)));
    let note = Some("the webhook of #team-payments: Slack: 404 no_service");
    let moved = slack::posting(&alerts[..1], note, &mentions);
    insta::assert_snapshot!("elsewhere", pretty(&moved));
    let now = chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    insta::assert_snapshot!("counted", pretty(slack::counted(&moved, 12, now)));
    insta::assert_snapshot!(
        "plain",
        pretty(slack::plain_posting(&alerts, note, &mentions))
    );
    let critical = alert("repository-id-mismatch");
    let alone = slack::plain_posting(&[&critical], note, &mentions);
    insta::assert_snapshot!("plain_and_alone", pretty(alone));
}

#[test]
fn where_the_checks_pages_are_is_linked_in_every_form() {
    let mut alert = alert("unlisted-context");
    let page = "https://wiki.example.com/rolewatch/unlisted-context.md";
    alert.background.page = Some(page.into());
    let forms = in_every_form(&alert);
    let [slack, mail, amazon_q] = [
        format!("<{page}|all steps>"),
        format!("All steps:\n    {page}\n"),
        format!("All steps: {page}\""),
    ];
    for form in [slack, mail, amazon_q] {
        assert_eq!(forms.matches(&form).count(), 1, "{form}\n{forms}");
    }
    assert!(!forms.contains("rolewatch checks unlisted-context"));
    // What would be no link is none.
    alert.background.page = Some("https://wiki.example.com/|<!channel>".into());
    assert!(in_every_form(&alert).contains("rolewatch checks unlisted-context"));
}

/// What an adapter hands on is what another one reads, background and owner included.
#[test]
fn an_alert_comes_out_of_sns_as_it_went_in() {
    for check in checks::ALL {
        let sent = alert(check.id);
        let published = sns::publication(&sent);
        let message: Value = serde_json::from_str(&published.message).unwrap();
        let attribute = |name: &str| {
            let mut all = published.attributes.iter();
            all.find(|(it, _)| *it == name)
                .map(|(_, value)| value.as_str())
        };
        let received = sns::received(message["default"].as_str().unwrap(), attribute).unwrap();
        assert_eq!(received, sent);
    }
}
