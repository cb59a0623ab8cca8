//! Faults on an event's way: clock, stack, trail, rules, regions, queues, functions.

use chrono::TimeDelta;

use super::*;
use Status::{Fail, Warn};

#[test]
fn a_clock_that_is_wrong() {
    for (off, status, word) in [
        (31, Warn, "31 s before"),
        (-31, Warn, "31 s behind"),
        (301, Fail, "301 s before"),
    ] {
        let change = |it: &mut Facts| it.clock = Ok(now() - TimeDelta::seconds(off));
        one(change, "clock", status, &[word, "chrony"]);
    }
}

#[test]
fn a_stack_that_is_not_whole() {
    for (state, status) in [
        ("UPDATE_IN_PROGRESS", Warn),
        ("UPDATE_ROLLBACK_COMPLETE", Warn),
        ("UPDATE_ROLLBACK_FAILED", Fail),
        ("ROLLBACK_COMPLETE", Fail),
        ("DELETE_FAILED", Fail),
        ("", Fail),
    ] {
        one(
            |it| it.stack.status = state.into(),
            "stack",
            status,
            &[state],
        );
    }
    let change = |it: &mut Facts| it.stack.resources.retain(|it| it.logical != "Canary");
    one(change, "stack", Fail, &["without Canary", "make deploy"]);
}

#[test]
fn trails_that_bring_nothing() {
    let first = |it: &mut Facts| it.trails.as_mut().unwrap().remove(0);
    one(
        |it| drop(first(it)),
        "trail",
        Fail,
        &["no trail sees", "create-trail"],
    );
    let off = |it: &mut Facts| it.trails.as_mut().unwrap()[0].is_logging = Ok(false);
    one(off, "trail-logging", Fail, &["all", "start-logging"]);
    let elsewhere = |it: &mut Facts| it.trails.as_mut().unwrap()[0].is_everywhere = false;
    one(elsewhere, "trail", Fail, &["no trail sees eu-central-1"]);
    let here_alone = |it: &mut Facts| {
        let trail = &mut it.trails.as_mut().unwrap()[0];
        trail.is_everywhere = false;
        trail.home = HOME.into();
    };
    one(here_alone, "trail", Warn, &["this region alone"]);
    // One is enough, whatever the others are.
    let two = |it: &mut Facts| {
        let mut off = well_trail();
        off.is_logging = Ok(false);
        it.trails.as_mut().unwrap().insert(0, off);
    };
    assert_eq!(ill(two), []);
}

#[test]
fn assumptions_are_management_events_that_read() {
    let field = |name: &str, equals: &[&str], not_equals: &[&str]| Field {
        name: name.into(),
        equals: equals.iter().map(ToString::to_string).collect(),
        not_equals: not_equals.iter().map(ToString::to_string).collect(),
        other: false,
    };
    let management = || field("eventCategory", &["Management"], &[]);
    let basic = |management, kind: &str| Selector::Basic {
        management,
        kind: kind.into(),
    };
    let prefixed = Field {
        other: true,
        ..field("eventSource", &[], &[])
    };
    for (selectors, taken) in [
        (vec![basic(true, "All")], true),
        (vec![basic(true, "ReadOnly")], true),
        (vec![basic(true, "WriteOnly")], false),
        (vec![basic(false, "All")], false),
        (
            vec![basic(true, "WriteOnly"), basic(true, "ReadOnly")],
            true,
        ),
        (vec![], false),
        (vec![Selector::Advanced(vec![management()])], true),
        (
            vec![Selector::Advanced(vec![
                management(),
                field("readOnly", &["true"], &[]),
            ])],
            true,
        ),
        (
            vec![Selector::Advanced(vec![
                management(),
                field("readOnly", &["false"], &[]),
            ])],
            false,
        ),
        (
            vec![Selector::Advanced(vec![
                management(),
                field("eventSource", &[], &["kms.amazonaws.com"]),
            ])],
            true,
        ),
        (
            vec![Selector::Advanced(vec![
                management(),
                field("eventSource", &[], &["sts.amazonaws.com"]),
            ])],
            false,
        ),
        (
            vec![Selector::Advanced(vec![
                management(),
                field("eventSource", &["iam.amazonaws.com"], &[]),
            ])],
            false,
        ),
        (
            vec![Selector::Advanced(vec![management(), prefixed])],
            false,
        ),
        (
            vec![Selector::Advanced(vec![
                management(),
                field("userIdentity.arn", &[], &["x"]),
            ])],
            false,
        ),
        (
            vec![Selector::Advanced(vec![field(
                "eventCategory",
                &["Data"],
                &[],
            )])],
            false,
        ),
        (vec![Selector::Advanced(vec![])], false),
    ] {
        let change =
            |it: &mut Facts| it.trails.as_mut().unwrap()[0].selectors = Ok(selectors.clone());
        if taken {
            assert_eq!(ill(change), [], "{selectors:?}");
        } else {
            one(
                change,
                "trail-read-events",
                Fail,
                &["AssumeRoleWithWebIdentity", "put-event-selectors"],
            );
        }
    }
}

#[test]
fn rules_that_are_off_deaf_narrow_or_lead_nowhere() {
    for (place, name) in [
        (0, "Rule"),
        (1, "OwnRule"),
        (2, "Sweep"),
        (3, "ReportSchedule"),
    ] {
        let off = |it: &mut Facts| it.rules[place].1.as_mut().unwrap().state = "DISABLED".into();
        one(
            off,
            "rule-state",
            Fail,
            &[&format!("{name} is DISABLED"), "make deploy"],
        );
        let bare = |it: &mut Facts| it.rules[place].1.as_mut().unwrap().targets = Ok(Vec::new());
        one(
            bare,
            "rule-target",
            Fail,
            &[&format!("{name} does not lead to")],
        );
        let lost = |it: &mut Facts| it.rules[place].1 = Err(gone("events:DescribeRule"));
        let probes = ill(lost);
        assert!(
            probes[0]
                .message
                .contains(&format!("the rule {name} is not there")),
            "{probes:?}"
        );
        assert_eq!(probes[0].status, Fail);
    }
    let wished = |it: &mut Facts, value: &str| {
        it.stack
            .parameters
            .insert("Reconciliation".into(), value.into());
        let mut rule = well_rule("ReconcileSchedule", function_arn("Reconcile"), false);
        rule.1.as_mut().unwrap().state = "DISABLED".into();
        it.rules.push(rule);
        let letters = it.queues[2].1.as_mut().unwrap();
        let rules = ["Rule", "OwnRule", "ReportSchedule", "ReconcileSchedule"].map(rule_arn);
        letters.policy = Some(lets_in("events.amazonaws.com", "sqs:SendMessage", &rules));
    };
    assert_eq!(ill(|it| wished(it, "DISABLED")), []);
    one(
        |it| wished(it, "ENABLED"),
        "rule-state",
        Fail,
        &["ReconcileSchedule is DISABLED"],
    );
    let deaf = |it: &mut Facts| it.rules[0].1.as_mut().unwrap().state = "ENABLED".into();
    one(deaf, "rule-state", Fail, &["only read", READS_TOO]);
    let narrow = |it: &mut Facts| {
        it.rules[0].1.as_mut().unwrap().lets_through = Ok(vec![true, false, false]);
    };
    one(
        narrow,
        "rule-pattern",
        Fail,
        &["leaves out a refused one that names no provider, a canary"],
    );
    let leaky = |it: &mut Facts| {
        it.rules[0].1.as_mut().unwrap().targets.as_mut().unwrap()[0].dead_letters = None;
    };
    one(leaky, "rule-target", Fail, &["no dead-letter queue"]);
    let astray = |it: &mut Facts| {
        it.rules[0].1.as_mut().unwrap().targets.as_mut().unwrap()[0].arn = queue_arn("Alerts");
    };
    one(
        astray,
        "rule-target",
        Fail,
        &["does not lead to Events: no assumption is seen"],
    );
}

#[test]
fn regions_that_hand_nothing_on() {
    let without = |it: &mut Facts| it.regions = Ok(vec![away(vec![])]);
    let probes = ill(without);
    assert_eq!((probes[0].name, probes[0].status), ("forwarder", Fail));
    assert_eq!(
        probes[0].cure.as_deref(),
        Some("make deploy-forwarders REGIONS='us-east-1'")
    );
    // The stack expects canaries of two.
    assert_eq!(
        (probes[1].name, probes[1].status, probes.len()),
        ("regions", Warn, 2)
    );
    for (rule, name, word) in [
        (forwarder("DISABLED", [true; 3]), "rule-state", "DISABLED"),
        (forwarder("ENABLED", [true; 3]), "rule-state", "only read"),
        (
            forwarder(READS_TOO, [false, true, true]),
            "rule-pattern",
            "an assumption from GitHub",
        ),
    ] {
        let change = |it: &mut Facts| {
            it.regions = Ok(vec![away(vec![
                forwarder("ENABLED", [false; 3]),
                rule.clone(),
            ])]);
        };
        one(change, name, Fail, &[word, "us-east-1"]);
    }
    // What leads home, but lets no assumption through, is the rule of changes of rolewatch itself.
    let unwatched = |it: &mut Facts| {
        it.regions = Ok(vec![away(vec![forwarder(READS_TOO, [true; 3])])]);
    };
    let probes = ill(unwatched);
    assert_eq!((probes[0].name, probes[0].status), ("forwarder", Fail));
    assert!(probes[0].message.contains("tampered with"));
    let switched_off = |it: &mut Facts| {
        let own = forwarder("DISABLED", [false; 3]);
        it.regions = Ok(vec![away(vec![forwarder(READS_TOO, [true; 3]), own])]);
    };
    assert_eq!(ill(switched_off)[0].name, "rule-state");
    let half = |it: &mut Facts| it.regions = Ok(vec![away(vec![forwarder("ENABLED", [false; 3])])]);
    assert_eq!(ill(half)[0].name, "forwarder");
    let unseen = |it: &mut Facts| {
        it.regions.as_mut().unwrap()[0].rules = Err(denied("events:ListRuleNamesByTarget"));
    };
    assert_eq!(ill(unseen)[0].status, Status::Skipped);
    let more = |it: &mut Facts| drop(it.stack.parameters.insert("Regions".into(), "3".into()));
    let names: Vec<&str> = ill(more).iter().map(|it| it.name).collect();
    assert_eq!(names, ["regions", "canary"]);
}

#[test]
fn queues_that_hold_what_was_given_up_or_let_nobody_in() {
    let queue = |it: &mut Facts, place: usize, queue: Queue| it.queues[place].1 = Ok(queue);
    let of = |it: &Facts, place: usize| it.queues[place].1.clone().unwrap();
    let dead = |it: &mut Facts| {
        queue(
            it,
            3,
            Queue {
                waiting: 2,
                in_work: 1,
                ..of(it, 3)
            },
        );
    };
    one(
        dead,
        "dead-letters",
        Fail,
        &["3 messages", "EventDeadLetters", "#dead-letters-of-detect"],
    );
    let full = |it: &mut Facts| {
        queue(
            it,
            0,
            Queue {
                waiting: 1001,
                ..of(it, 0)
            },
        );
    };
    one(full, "queue-depth", Warn, &["1001 messages wait in Events"]);
    let busy = |it: &mut Facts| {
        queue(
            it,
            0,
            Queue {
                waiting: 10,
                ..of(it, 0)
            },
        );
    };
    assert_eq!(ill(busy), []);
    let leaky = |it: &mut Facts| {
        queue(
            it,
            0,
            Queue {
                has_dead_letters: false,
                ..of(it, 0)
            },
        );
    };
    one(leaky, "queue", Fail, &["no dead-letter queue"]);
    let shut = |it: &mut Facts| {
        queue(
            it,
            0,
            Queue {
                policy: None,
                ..of(it, 0)
            },
        );
    };
    one(shut, "queue-policy", Fail, &["for Rule, OwnRule"]);
    let half = |it: &mut Facts| {
        let policy = lets_in(
            "events.amazonaws.com",
            "sqs:SendMessage",
            &[rule_arn("Rule")],
        );
        queue(
            it,
            0,
            Queue {
                policy: Some(policy),
                ..of(it, 0)
            },
        );
    };
    one(
        half,
        "queue-policy",
        Fail,
        &["events.amazonaws.com write for OwnRule"],
    );
    let gone = |it: &mut Facts| it.queues[0].1 = Err(gone("sqs:GetQueueAttributes"));
    one(gone, "queue", Fail, &["the queue Events is not there"]);
}

#[test]
fn functions_that_cannot_run_or_are_not_called() {
    type Change = fn(&mut Function);
    let faults: [(&str, Status, &str, Change); 9] = [
        ("function", Fail, "Detect is Failed", |it| {
            it.state = "Failed".into();
        }),
        ("function", Fail, "the last change of Detect failed", |it| {
            it.last_update = "Failed".into();
        }),
        ("function", Fail, "make build ARCH=arm64", |it| {
            it.architecture = "x86_64".into();
        }),
        (
            "function-concurrency",
            Fail,
            "delete-function-concurrency",
            |it| it.limit = Ok(Some(0)),
        ),
        ("function-queue", Fail, "there is no mapping", |it| {
            it.mappings = Ok(Vec::new());
        }),
        ("function-queue", Fail, "the mapping is Disabled", |it| {
            it.mappings.as_mut().unwrap()[0].state = "Disabled".into();
        }),
        ("function-queue", Fail, "there is no mapping", |it| {
            it.mappings.as_mut().unwrap()[0].queue = queue_arn("Alerts");
        }),
        (
            "function-permission",
            Fail,
            "Sweep may not call Detect",
            |it| it.policy = Ok(None),
        ),
        ("function-drift", Warn, "after the stack was", |it| {
            it.changed = Some(now());
        }),
    ];
    for (name, status, word, change) in faults {
        one(
            |it| change(it.functions[0].1.as_mut().unwrap()),
            name,
            status,
            &[word],
        );
    }
    let limited = |it: &mut Facts| it.functions[0].1.as_mut().unwrap().limit = Ok(Some(2));
    assert_eq!(ill(limited), []);
}
