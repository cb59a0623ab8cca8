//! Slack's limits, and that no name is markup, whatever the alert holds.

use proptest::prelude::*;

use super::*;
use crate::finding::Severity;
use crate::rendering::hostile::{NAMES, alert};

/// Slack's limits, and that nothing but our own links and dates is markup.
fn assert_acceptable(message: &Value) {
    assert!(!message["text"].as_str().unwrap().is_empty());
    assert!(message["text"].as_str().unwrap().chars().count() <= 40_000);
    assert_no_markup(message);
    // Without blocks the text alone is shown.
    let Some(blocks) = message.get("blocks") else {
        return;
    };
    let blocks = blocks.as_array().unwrap();
    assert!((1..=50).contains(&blocks.len()));
    let length = |text: &Value| text["text"].as_str().unwrap().chars().count();
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "header" => assert!((1..=HEADER).contains(&length(&block["text"]))),
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                assert!((1..=10).contains(&elements.len()));
                assert!(elements.iter().all(|it| (1..=FIELD).contains(&length(it))));
            }
            "section" => {
                let fields = block["fields"].as_array().cloned().unwrap_or_default();
                assert!(fields.len() <= 10 && (block.get("text").is_some() || !fields.is_empty()));
                assert!(fields.iter().all(|it| (1..=FIELD).contains(&length(it))));
                if let Some(text) = block.get("text") {
                    assert!((1..=SECTION).contains(&length(text)));
                }
            }
            other => panic!("{other}"),
        }
    }
}

fn assert_no_markup(node: &Value) {
    match node {
        Value::Array(nodes) => nodes.iter().for_each(assert_no_markup),
        Value::Object(object) if object.get("type") == Some(&json!("plain_text")) => {
            let text = object["text"].as_str().unwrap();
            assert!(!text.trim().is_empty() && !text.contains(crate::rendering::is_unprintable));
        }
        Value::Object(object) => object.values().for_each(assert_no_markup),
        Value::String(text) => {
            assert!(!text.contains(|c| c != '\n' && crate::rendering::is_unprintable(c)));
            for (at, _) in text.match_indices('<') {
                let found = &text[at..];
                let ours = found.starts_with("<!date^")
                    || found.starts_with("<!here> <!subteam^S0123ABCD>")
                    || found.starts_with("<!subteam^S0123ABCD>")
                    || found.starts_with("<https://github.com/")
                    || found.contains(".console.aws.amazon.com/");
                assert!(ours, "{found}");
            }
        }
        _ => {}
    }
}

#[test]
fn hostile_names_stay_names() {
    for name in NAMES {
        for times in [1, 200] {
            assert_acceptable(&message(&alert(&name.repeat(times))));
        }
    }
}

/// Everything that is posted of as many alerts as there may be at once.
fn postings(alert: &Alert, times: usize) -> [Value; 4] {
    let alerts = vec![alert; times];
    let note = Some(alert.title.as_str());
    let mentions = mentions();
    let blocks = posting(&alerts, note, &mentions);
    let plain = plain_posting(&alerts, note, &mentions);
    let counted = [&blocks, &plain].map(|it| counted(it, u64::MAX, chrono::DateTime::UNIX_EPOCH));
    let [counted_blocks, counted_plain] = counted;
    [blocks, plain, counted_blocks, counted_plain]
}

/// Of everything that the operator may mention.
fn mentions() -> Mentions {
    let all = Severity::ALL.iter();
    let all: Vec<String> = all
        .map(|it| format!("{}=here,S0123ABCD", it.as_str()))
        .collect();
    Mentions::parse(&all.join(" ")).unwrap()
}

#[test]
fn who_is_mentioned_depends_on_what_is_gravest_and_new() {
    let mentions = Mentions::parse("critical=S0123ABCD high=here").unwrap();
    let of = |severity, summary: bool| {
        let mut alert = alert("x");
        alert.severity = severity;
        alert.background.summary_of = summary.then(|| "59e2a0588b65d113".into());
        alert
    };
    let shown = |alerts: &[Alert]| {
        let alerts: Vec<&Alert> = alerts.iter().collect();
        let [blocks, plain] = [posting, plain_posting].map(|form| form(&alerts, None, &mentions));
        let [group, here] = ["<!subteam^S0123ABCD>", "<!here>"].map(|mention| {
            let said = [&blocks, &plain].map(|it| it.to_string().contains(mention));
            assert_eq!(said[0], said[1], "{mention}");
            said[0]
        });
        (group, here)
    };
    let (low, high) = (of(Severity::Low, false), of(Severity::High, false));
    let critical = of(Severity::Critical, false);
    assert_eq!(shown(std::slice::from_ref(&critical)), (true, false));
    assert_eq!(shown(&[low.clone(), high.clone()]), (false, true));
    assert_eq!(shown(&[high, critical]), (true, false));
    assert_eq!(shown(&[low, of(Severity::Critical, true)]), (false, false));
}

#[test]
fn a_message_says_how_many_more_like_it_came() {
    let first = posting(&[&alert("x")], None, &Mentions::default());
    let now = chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let counted = counted(&first, 12, now);
    let [before, after] = [&first, &counted].map(|it| it["blocks"].as_array().unwrap());
    assert_eq!(after[..before.len()], before[..]);
    let text = after.last().unwrap().to_string();
    assert!(
        text.contains("*12 more like it*") && text.contains("<!date^1795000000^"),
        "{text}"
    );
}

#[test]
fn hostile_names_stay_names_among_others() {
    for name in NAMES {
        for times in [1, 2, 40] {
            let alert = alert(&name.repeat(times * 10));
            postings(&alert, times).iter().for_each(assert_acceptable);
        }
    }
}

#[test]
fn a_digest_names_every_finding() {
    let alerts: Vec<Alert> = (0..40).map(|i| alert(&format!("{i:016x}"))).collect();
    let alerts: Vec<&Alert> = alerts.iter().collect();
    let text = posting(&alerts, None, &Mentions::default()).to_string();
    assert!(
        alerts.iter().all(|alert| text.contains(&alert.id)),
        "{text}"
    );
    assert!(text.contains("and 30 more"));
}

#[test]
fn a_summary_is_short() {
    let mut alert = alert("x");
    alert.background.summary_of = Some("59e2a0588b65d113".into());
    let message = message(&alert);
    assert_acceptable(&message);
    assert_eq!(message["blocks"].as_array().unwrap().len(), 3);
    assert!(!message.to_string().contains("Do first"));
}

proptest! {
    #[test]
    fn every_message_is_within_slacks_limits(
        text in prop_oneof![any::<String>(), "[<>&`*]{0,40}"],
        times in 1usize..400,
        summary in any::<bool>(),
    ) {
        let mut alert = alert(&text.repeat(times));
        alert.background.summary_of = summary.then(|| alert.id.clone());
        assert_acceptable(&message(&alert));
        postings(&alert, times.min(40)).iter().for_each(assert_acceptable);
    }
}
