//! The button that snoozes, and what is said when it was pressed.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::escape::{code, mrkdwn};
use crate::alert::Alert;
use crate::rendering::terminal::cut_to;
use crate::store::{CannotSnooze, Snooze, can_be_snoozed};

/// The name of the button's action.
pub const ACTION: &str = "rolewatch-snooze";
/// For how long the button snoozes.
pub const LASTS: TimeDelta = TimeDelta::hours(24);
/// A value in an answer is cut to so many characters; Slack wants texts of 4,000 at most.
const LONGEST_VALUE: usize = 150;
/// What the dialogue says.
const DIALOGUE: &str = "Findings of this check, account, role and repository are then counted and \
                        reported, and not told for 24 hours.";

/// Adds the button to a message that a bot posts of these alerts: of one that can be snoozed, in
/// this account.
pub fn add_button(message: &mut Value, alerts: &[&Alert], account: &str) {
    let [alert] = alerts else { return };
    let of = alert.event.as_ref().and_then(|it| it.account.as_deref());
    if of != Some(account) {
        return;
    }
    let blocks = message.get_mut("blocks").and_then(Value::as_array_mut);
    if let (Some(blocks), Some(button)) = (blocks, button(alert)) {
        blocks.push(button);
    }
}

/// The finding that a press is about; none where it is not our button.
#[must_use]
pub fn pressed<'a>(action: &str, value: &'a str) -> Option<&'a str> {
    (action == ACTION && is_id(value)).then_some(value)
}

fn is_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn button(alert: &Alert) -> Option<Value> {
    if !can_be_snoozed(alert) || !is_id(&alert.id) {
        return None;
    }
    let text = |text: &str| json!({"type": "plain_text", "text": text, "emoji": false});
    Some(json!({"type": "actions", "elements": [{
        "type": "button",
        "action_id": ACTION,
        "value": alert.id,
        "text": text("Snooze for 24 h"),
        "confirm": {
            "title": text("Snooze for 24 h?"),
            "text": text(DIALOGUE),
            "confirm": text("Snooze"),
            "deny": text("Cancel"),
        },
    }]}))
}

/// To everybody in the channel: in the thread of the alert, where that is known.
#[must_use]
pub fn snoozed(snooze: &Snooze, thread: Option<&str>) -> Value {
    let covers = &snooze.covers;
    let time = snooze.until.timestamp();
    let utc = snooze.until.format("%Y-%m-%d %H:%M UTC");
    let text = format!(
        "Snoozed until <!date^{time}^{{date_short_pretty}} {{time}}|{utc}> by {}: {} of {}. \
         {} ends it.",
        short(&snooze.by),
        short(&covers.check),
        short(covers.repository.as_deref().unwrap_or("-")),
        code(&format!("rolewatch snooze end {}", snooze.id)),
    );
    let mut answer =
        json!({"response_type": "in_channel", "replace_original": false, "text": text});
    if let Some(thread) = thread {
        answer["thread_ts"] = thread.into();
    }
    answer
}

fn short(value: &str) -> String {
    code(&cut_to(value, LONGEST_VALUE))
}

/// To whoever pressed, alone.
#[must_use]
pub fn not_snoozed(why: CannotSnooze) -> Value {
    let text = mrkdwn(&format!("Not snoozed: {why}."));
    json!({"response_type": "ephemeral", "replace_original": false, "text": text})
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alert::About;
    use crate::finding::Severity;
    use crate::rendering::hostile::{NAMES, alert};
    use crate::store::Covered;

    fn of(severity: Severity) -> Alert {
        Alert {
            id: "59e2a0588b65d113".into(),
            severity,
            ..alert("x")
        }
    }

    #[test]
    fn a_button_is_within_slacks_limits() {
        let block = button(&of(Severity::High)).unwrap();
        let button = &block["elements"][0];
        let length = |pointer: &str| button.pointer(pointer).unwrap().as_str().unwrap().len();
        for (pointer, most) in [
            ("/text/text", 75),
            ("/action_id", 255),
            ("/value", 2000),
            ("/confirm/title/text", 100),
            ("/confirm/text/text", 300),
            ("/confirm/confirm/text", 30),
            ("/confirm/deny/text", 30),
        ] {
            assert!((1..=most).contains(&length(pointer)), "{pointer}");
        }
    }

    #[test]
    fn what_no_snooze_covers_has_no_button() {
        assert_eq!(button(&of(Severity::Critical)), None);
        let about_nothing = Alert {
            event: None,
            ..of(Severity::High)
        };
        assert_eq!(button(&about_nothing), None);
        let drill = Alert {
            about: About::Drill,
            ..of(Severity::High)
        };
        assert_eq!(button(&drill), None);
        let mut of_no_role = of(Severity::High);
        of_no_role.event.as_mut().unwrap().role_arn = None;
        assert_eq!(button(&of_no_role), None);
        for name in NAMES {
            let hostile = Alert {
                id: (*name).into(),
                ..of(Severity::High)
            };
            assert_eq!(button(&hostile), None, "{name}");
        }
    }

    #[test]
    fn what_is_pressed_is_what_was_shown() {
        let alert = of(Severity::High);
        let mut message = json!({"text": "x", "blocks": []});
        add_button(&mut message, &[&alert], "x");
        let button = &message["blocks"][0]["elements"][0];
        let [action, value] = ["action_id", "value"].map(|it| button[it].as_str().unwrap());
        assert_eq!(pressed(action, value), Some(alert.id.as_str()));
        assert_eq!(pressed("another", value), None);
        for name in NAMES {
            assert_eq!(pressed(action, name), None, "{name}");
        }
    }

    #[test]
    fn another_account_s_finding_has_no_button() {
        let mut message = json!({"text": "x", "blocks": []});
        add_button(&mut message, &[&of(Severity::High)], "123456789012");
        assert_eq!(message["blocks"], json!([]));
    }

    #[test]
    fn a_digest_and_plain_text_have_no_button() {
        let alert = of(Severity::High);
        let (mut digest, mut plain) = (json!({"blocks": []}), json!({"text": "x"}));
        add_button(&mut digest, &[&alert, &alert], "x");
        add_button(&mut plain, &[&alert], "x");
        assert_eq!(
            (digest, plain),
            (json!({"blocks": []}), json!({"text": "x"}))
        );
    }

    /// What is said of a snooze of which every text is somebody else's choice.
    fn assert_acceptable(text: &str) {
        let since = chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let snooze = Snooze {
            id: text.to_owned(),
            finding: text.to_owned(),
            covers: Covered {
                check: text.to_owned(),
                severity: Severity::High,
                account: None,
                role_arn: None,
                repository: Some(text.to_owned()),
            },
            by: text.to_owned(),
            reason: text.to_owned(),
            since,
            until: since + LASTS,
            ended_by: None,
            findings: 0,
        };
        let said = snoozed(&snooze, None)["text"].as_str().unwrap().to_owned();
        assert!(said.chars().count() <= 4000);
        assert_eq!(said.matches('<').count(), 1, "{said}");
        assert_eq!(said.matches('`').count(), 8, "{said}");
        assert!(!said.contains(crate::rendering::is_unprintable));
    }

    #[test]
    fn hostile_names_stay_names() {
        for name in NAMES {
            assert_acceptable(&name.repeat(300));
        }
    }

    proptest! {
        #[test]
        fn every_answer_is_within_slacks_limits(
            text in prop_oneof![any::<String>(), "[<>&`*@!_~|]{0,40}"],
            times in 1usize..400,
        ) {
            assert_acceptable(&text.repeat(times));
        }
    }
}
