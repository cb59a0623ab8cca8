//! Records, containers and a reader that remembers, for the tests of this crate.

#![allow(clippy::expect_used, reason = "a test may fail")]
#![allow(dead_code, unreachable_pub, reason = "each test program uses a part")]

use std::io::{Read, Write};
use std::ops::ControlFlow;

use cloudtrail::{Item, Limits, Outcome, Unreadable, assumptions, read};
use flate2::{Compression, write::GzEncoder};

/// What a reader said about an input.
pub struct Heard {
    /// The `eventID` of each record, in order.
    pub ids: Vec<String>,
    pub unreadable: Vec<Unreadable>,
    pub problems: Vec<String>,
    pub outcome: Outcome,
}

pub fn hear(input: impl AsRef<[u8]>) -> Heard {
    hear_with(input.as_ref(), &Limits::default())
}

pub fn hear_with(input: impl Read, limits: &Limits) -> Heard {
    let (mut ids, mut unreadable) = (Vec::new(), Vec::new());
    let outcome = read(input, limits, assumptions, |item| {
        match item {
            Item::Record(found) => ids.push(found.record.event_id.unwrap_or_default()),
            Item::Unreadable(record) => unreadable.push(record),
        }
        ControlFlow::Continue(())
    });
    let problems = outcome.problems.iter().map(ToString::to_string).collect();
    Heard {
        ids,
        unreadable,
        problems,
        outcome,
    }
}

/// Asserts that an input holds the records `ids` and nothing to complain about.
#[track_caller]
pub fn assert_ids(input: impl AsRef<[u8]>, ids: &[&str]) {
    let heard = hear(&input);
    let text = String::from_utf8_lossy(input.as_ref());
    let text = &text[..text.len().min(500)];
    assert_eq!(heard.problems, [""; 0], "{text}");
    assert_eq!(heard.unreadable, [], "{text}");
    assert_eq!(heard.ids, ids, "{text}");
    assert!(heard.outcome.complete);
    assert_eq!(heard.outcome.totals.records, ids.len() as u64);
}

/// An assumption with the given id.
pub fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"WebIdentityUser","userName":"repo:my-org/my-repo:ref:refs/heads/main"}},"eventTime":"2026-11-20T10:15:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.10","requestParameters":{{"roleArn":"arn:aws:iam::123456789012:role/deploy","roleSessionName":"a \"quoted\" \\ name"}},"responseElements":null,"resources":[{{"accountId":"123456789012"}},{{"accountId":"123456789012"}}],"eventID":"{id}","recipientAccountId":"123456789012"}}"#
    )
}

pub fn records(ids: &[&str]) -> String {
    let records: Vec<String> = ids.iter().map(|id| record(id)).collect();
    format!("{{\"Records\":[{}]}}", records.join(","))
}

pub fn text(json: &str) -> String {
    serde_json::Value::from(json).to_string()
}

pub fn event_bridge(record: &str) -> String {
    format!(
        r#"{{"version":"0","id":"other","detail-type":"AWS API Call via CloudTrail","source":"aws.sts","account":"123456789012","region":"us-east-1","resources":[],"detail":{record}}}"#
    )
}

pub fn sqs(body: &str) -> String {
    format!(
        r#"{{"Records":[{{"messageId":"1","body":{},"attributes":{{}},"eventSource":"aws:sqs","awsRegion":"us-east-1"}}]}}"#,
        text(body)
    )
}

pub fn sns(message: &str) -> String {
    format!(
        r#"{{"Type":"Notification","MessageId":"1","Message":{}}}"#,
        text(message)
    )
}

pub fn lookup(records: &[&str]) -> String {
    let events: Vec<String> = records
        .iter()
        .map(|record| {
            format!(
                r#"{{"EventId":"outer","EventName":"AssumeRoleWithWebIdentity","EventTime":1795169700.0,"Resources":[],"CloudTrailEvent":{}}}"#,
                text(record)
            )
        })
        .collect();
    format!(r#"{{"Events":[{}],"NextToken":"more"}}"#, events.join(", "))
}

pub fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes.as_ref())
        .expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

/// Gives at most `step` bytes at a time.
pub struct Trickle<'a> {
    pub bytes: &'a [u8],
    pub step: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.step.min(out.len());
        self.bytes.read(&mut out[..count])
    }
}
