//! The button that snoozes: below what can be snoozed, where somebody hears of it when it is pressed.

use rolewatch::alert::{About, Alert};
use rolewatch::finding::Severity;
use rolewatch::store::MemoryTable;
use serde_json::{Value, json};

use crate::slack::{StandIn, Weather};
use crate::world::{World, alert};

fn world() -> World<MemoryTable> {
    let mut slack = StandIn::fine();
    slack.has_bot = true;
    let mut world = World::new(slack);
    world.buttons = Some("123456789012");
    world
}

/// About an assumption, with all that a snooze is limited to.
fn of(id: u64, severity: Severity) -> Alert {
    let event = json!({
        "event_id": "e", "time": "2026-11-20T10:15:00Z", "account": "123456789012",
        "role_arn": "arn:aws:iam::123456789012:role/r", "repository": "my-org/my-repo",
        "issuer": "https://token.actions.githubusercontent.com",
    });
    Alert {
        about: About::Assumption,
        event: Some(serde_json::from_value(event).unwrap()),
        ..alert(&format!("{id:016x}"), severity)
    }
}

/// The findings that buttons of the messages snooze.
fn buttons(world: &World<MemoryTable>) -> Vec<Vec<String>> {
    let values = |message: &Value| {
        let blocks = message["blocks"].as_array().cloned().unwrap_or_default();
        let elements = blocks.iter().filter(|it| it["type"] == "actions");
        let values = elements.map(|it| it["elements"][0]["value"].as_str().unwrap().to_owned());
        values.collect()
    };
    let seen = world.slack.take();
    seen.iter().map(|it| values(&it.message)).collect()
}

#[test]
fn what_can_be_snoozed_has_a_button_and_nothing_else() {
    let world = world();
    let (high, critical) = (of(1, Severity::High), of(2, Severity::Critical));
    let mut drill = of(3, Severity::Medium);
    drill.about = About::Drill;
    let of_the_service = alert("59e2a0588b65d113", Severity::Low);
    world.deliver(&[high.clone(), critical, drill, of_the_service]);
    let none: Vec<String> = Vec::new();
    let expected = [none.clone(), vec![high.id], none.clone(), none];
    assert_eq!(buttons(&world), expected);
}

#[test]
fn a_summary_has_one_and_a_digest_has_none() {
    let world = world();
    let mut summary = of(1, Severity::High);
    summary.background.summary_of = Some("59e2a0588b65d113".into());
    summary.repeats = Some(12);
    world.deliver(std::slice::from_ref(&summary));
    assert_eq!(buttons(&world), [[summary.id]]);
    let storm: Vec<Alert> = (0..8).map(|id| of(id, Severity::High)).collect();
    world.deliver(&storm);
    assert_eq!(buttons(&world), [Vec::<String>::new()]);
}

#[test]
fn a_webhook_and_a_bot_that_nobody_listens_for_have_none() {
    let none = [Vec::<String>::new()];
    let mut deaf = world();
    deaf.buttons = None;
    deaf.deliver(&[of(1, Severity::High)]);
    assert_eq!(buttons(&deaf), none);
    let mut webhook = World::new(StandIn::fine());
    webhook.buttons = Some("123456789012");
    webhook.deliver(&[of(1, Severity::High)]);
    assert_eq!(buttons(&webhook), none);
}

#[test]
fn another_account_s_finding_has_none() {
    let mut world = world();
    world.buttons = Some("210987654321");
    world.deliver(&[of(1, Severity::High)]);
    assert_eq!(buttons(&world), [Vec::<String>::new()]);
}

#[test]
fn plain_text_has_none() {
    let world = world();
    world.slack.plan([Weather::NoBlocks, Weather::NoBlocks]);
    world.deliver(&[of(1, Severity::High)]);
    assert_eq!(buttons(&world), [Vec::<String>::new()]);
}
