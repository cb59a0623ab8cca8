//! Faults of what is beside the way: allowlist, table, topics, webhook, canaries.

use chrono::TimeDelta;

use super::*;
use Status::{Fail, Warn};

fn allowlist(text: &[u8]) -> impl FnOnce(&mut Facts) {
    let content = text.to_vec();
    move |it| it.allowlist.there.as_mut().unwrap().content = content
}

#[test]
fn an_allowlist_that_is_broken_missing_or_not_in_force() {
    let broken = b"version = 1\nmode = \"enforced\"\n[[allow]]\n";
    one(
        allowlist(broken),
        "allowlist",
        Fail,
        &["version 3", "line 2", "rolewatch allowlist check"],
    );
    one(
        allowlist(b"version = 1 # \xff"),
        "allowlist",
        Fail,
        &["not UTF-8"],
    );
    one(
        allowlist(b"version = 1\nmode = \"audit\"\n"),
        "allowlist",
        Warn,
        &["nobody is alerted"],
    );
    let missing = |it: &mut Facts| it.allowlist.there = Err(gone("ssm:GetParameter"));
    one(
        missing,
        "allowlist",
        Fail,
        &["there is no allowlist at ssm:/rolewatch/allowlist"],
    );
    let hidden = |it: &mut Facts| it.allowlist.there = Err(denied("ssm:GetParameter"));
    one(
        hidden,
        "allowlist",
        Status::Skipped,
        &["ssm:GetParameter: AccessDeniedException"],
    );
    let other = |it: &mut Facts| it.allowlist.in_force = Ok(Some("2".into()));
    one(
        other,
        "allowlist-in-force",
        Warn,
        &["version 2 is in force, and 3 is there"],
    );
    one(
        |it| it.allowlist.in_force = Ok(None),
        "allowlist-in-force",
        Fail,
        &["DETECT_LOG_GROUP"],
    );
}

#[test]
fn a_table_that_forgets_nothing_or_cannot_be_put_back() {
    let table = |it: &mut Facts, table: Table| it.table = Ok(table);
    let of = |it: &Facts| it.table.clone().unwrap();
    one(
        |it| {
            table(
                it,
                Table {
                    forgets: Ok(false),
                    ..of(it)
                },
            );
        },
        "table-ttl",
        Fail,
        &["time to live is off, or not by the attribute x"],
    );
    one(
        |it| {
            table(
                it,
                Table {
                    is_backed_up: Ok(false),
                    ..of(it)
                },
            );
        },
        "table-backup",
        Warn,
        &["point-in-time"],
    );
    one(
        |it| {
            table(
                it,
                Table {
                    status: "ARCHIVED".into(),
                    ..of(it)
                },
            );
        },
        "table",
        Fail,
        &["ARCHIVED"],
    );
    one(
        |it| it.table = Err(gone("dynamodb:DescribeTable")),
        "table",
        Fail,
        &["is not there"],
    );
}

#[test]
fn topics_that_tell_nobody() {
    let subscribers = |it: &mut Facts, place: usize, subscriptions: Vec<Subscription>| {
        it.topics[place].1 = Ok(Topic { subscriptions });
    };
    let nobody = |it: &mut Facts| subscribers(it, 1, Vec::new());
    one(
        nobody,
        "subscription",
        Fail,
        &["nobody is told", "sns subscribe"],
    );
    let cut =
        |it: &mut Facts| subscribers(it, 0, vec![subscription("sqs", &queue_arn("Other"), true)]);
    one(
        cut,
        "subscription",
        Fail,
        &["findings do not reach the queue Alerts"],
    );
    let pending = |it: &mut Facts| {
        let mail = |name, is_confirmed| subscription("email", name, is_confirmed);
        subscribers(
            it,
            1,
            vec![mail("a@example.com", true), mail("b@example.com", false)],
        );
    };
    one(
        pending,
        "subscription",
        Warn,
        &["email b@example.com", "the link in the mail"],
    );
    let all_pending =
        |it: &mut Facts| subscribers(it, 1, vec![subscription("email", "b@example.com", false)]);
    let probes = ill(all_pending);
    assert_eq!(
        probes.iter().map(|it| it.status).collect::<Vec<_>>(),
        [Warn, Fail]
    );
    let existing = |it: &mut Facts| {
        it.stack.resources.retain(|it| it.logical != "Findings");
        let arn = topic_arn("Findings");
        it.stack
            .parameters
            .insert("ExistingFindingsTopicArn".into(), arn);
    };
    assert_eq!(ill(existing), []);
}

#[test]
fn a_central_topic_is_told_by_the_stack_beside_it() {
    let named = |it: &mut Facts, account: &str| {
        let arn = topic_arn("Findings").replace(ACCOUNT, account);
        it.queues[1] = well_queue("Alerts", "sns.amazonaws.com", std::slice::from_ref(&arn));
        it.stack
            .parameters
            .insert("ExistingFindingsTopicArn".into(), arn);
        it.topics[0].1 = Ok(Topic::default());
    };
    let ours = |it: &mut Facts| named(it, ACCOUNT);
    one(ours, "subscription", Fail, &["do not reach", "Alerts"]);
    assert_eq!(ill(|it| named(it, "999999999999")), []);
}

#[test]
fn a_webhook_that_is_missing_in_clear_or_refuses() {
    let missing = |it: &mut Facts| webhook(it).kept = Err(gone("ssm:GetParameter"));
    one(
        missing,
        "webhook",
        Fail,
        &["no finding reaches Slack", "put-parameter"],
    );
    one(
        |it| webhook(it).kept = Ok(Kept::Plainly),
        "webhook",
        Fail,
        &["in clear", "SecureString"],
    );
    let refused = |it: &mut Facts| webhook(it).sent = Some(Err("Slack: 404 no_service".into()));
    one(refused, "webhook-test", Fail, &["404 no_service"]);
    assert_eq!(ill(|it| webhook(it).sent = Some(Ok(()))), []);
}

#[test]
fn canaries_that_are_old_or_never_came() {
    let old =
        |it: &mut Facts| it.canaries.as_mut().unwrap()[1].sent = now() - TimeDelta::minutes(190);
    one(
        old,
        "canary",
        Fail,
        &["us-east-1 (3 h ago)", "#a-canary-is-missing"],
    );
    one(
        |it| it.canaries = Ok(Vec::new()),
        "canary",
        Fail,
        &["no canary came from eu-central-1"],
    );
    let new = |it: &mut Facts| {
        it.canaries = Ok(Vec::new());
        it.stack.changed = Some(now() - TimeDelta::minutes(30));
    };
    one(new, "canary", Warn, &["within an hour"]);
    let fewer = |it: &mut Facts| drop(it.canaries.as_mut().unwrap().pop());
    one(fewer, "canary", Fail, &["the stack expects 2"]);
}

/// A stack whose webhook is empty: nothing of the way to Slack is there, and somebody else subscribes.
fn without_slack(facts: &mut Facts, subscriptions: Vec<Subscription>) {
    let of_slack = ["Alerts", "Notify"];
    facts
        .stack
        .parameters
        .insert("SlackWebhook".into(), String::new());
    let resources = &mut facts.stack.resources;
    resources.retain(|it| !of_slack.contains(&it.logical.as_str()));
    facts.queues.retain(|it| it.0 != "Alerts");
    facts.functions.retain(|it| it.0 != "Notify");
    facts.topics[0].1 = Ok(Topic { subscriptions });
    facts.webhook = None;
}

#[test]
fn without_slack_somebody_else_has_to_be_told() {
    let mail = |confirmed| vec![subscription("email", "a@example.com", confirmed)];
    assert_eq!(ill(|it| without_slack(it, mail(true))), []);
    one(
        |it| without_slack(it, Vec::new()),
        "subscription",
        Fail,
        &["nobody is told of findings", "aws sns subscribe"],
    );
    let unconfirmed = ill(|it| without_slack(it, mail(false)));
    let statuses: Vec<Status> = unconfirmed.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Status::Warn, Fail]);
    // One that should tell Slack is not whole without.
    let needed = |it: &mut Facts| {
        without_slack(it, mail(true));
        it.stack.parameters.remove("SlackWebhook");
    };
    one(needed, "stack", Fail, &["without Alerts, Notify"]);
}
