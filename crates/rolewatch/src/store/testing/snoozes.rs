//! A snooze from the finding that it is asked for to its end, in partitions that other runs use too.

#![allow(clippy::expect_used, reason = "a panic is how a test fails")]

use chrono::{DateTime, TimeDelta, Utc};

use super::Case;
use crate::allowlist::{Allowlist, compile};
use crate::assumption::Observation;
use crate::pipeline::Item;
use crate::store::table::Table;
use crate::store::{CannotSnooze, Disposition, Ledger, Snooze, SnoozeRequest, Store, Windows};

const RECORD: &str =
    include_str!("../../../../../samples/records/unlisted-context/fires-branch.json");
const ALLOWLIST: &str = r#"
version = 1
[[allow]]
name = "production"
roles = ["arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Production"]
repositories = ["my-org/my-repo"]
contexts = ["environment:production"]
"#;

pub(super) async fn from_finding_to_end<T: Table>(at: &Case<'_, T>) {
    let story = Story {
        ledger: Ledger::new(at.table, Windows::NONE),
        allowlist: compile(ALLOWLIST).expect("a good allowlist").0,
        account: at.partition.clone(),
        begin: DateTime::from_timestamp(at.now, 0).expect("a time"),
    };
    let told = story.admit("told", 0).await;
    let [Disposition::Publish(alert, _)] = &told[..] else {
        panic!("{told:?}");
    };
    let request = |finding| SnoozeRequest {
        finding,
        by: "alex",
        reason: "PLAT-1: '#n :now\u{202e}",
        lasts: TimeDelta::hours(24),
    };
    let made = story.ledger.snooze(request(&alert.id), story.at(1)).await;
    let made = made.expect("an answer").expect("a snooze");
    assert_eq!(made.until, story.at(25));
    let unknown = story.ledger.snooze(request("no such"), story.at(1)).await;
    assert_eq!(unknown.expect("an answer"), Err(CannotSnooze::Unknown));

    for id in ["a", "b", "a"] {
        story.admit(id, 2).await;
    }
    assert_eq!(story.admit("c", 3).await, [Disposition::Snoozed]);
    let listed = story.listed(&made.id, 3).await;
    assert_eq!((listed.findings, listed.is_on(story.at(3))), (3, true));
    assert_eq!(listed.reason, request("").reason);
    assert!(matches!(
        story.admit("d", 25).await[..],
        [Disposition::Publish(..)]
    ));
    story.ended_by_hand(request(&alert.id)).await;
}

/// One account's events, on a table with others'.
struct Story<'a, T> {
    ledger: Ledger<&'a T>,
    allowlist: Allowlist,
    account: String,
    begin: DateTime<Utc>,
}

impl<T: Table> Story<'_, T> {
    fn at(&self, hours: i64) -> DateTime<Utc> {
        self.begin + TimeDelta::hours(hours)
    }

    async fn admit(&self, id: &str, hours: i64) -> Vec<Disposition> {
        let mut record: serde_json::Value = serde_json::from_str(RECORD).expect("a record");
        record["eventID"] = id.into();
        record["recipientAccountId"] = self.account.as_str().into();
        let item = Item {
            id: id.into(),
            body: record.to_string().into_bytes(),
        };
        let batch: Vec<Observation> = item.observations();
        let admitted = self.ledger.admit(batch, &self.allowlist, self.at(hours));
        let mut admitted = admitted.await.expect("an answer");
        assert_eq!(admitted.len(), 1, "{id}");
        admitted.remove(0).findings
    }

    async fn listed(&self, id: &str, hours: i64) -> Snooze {
        let all = self.ledger.snoozes(self.at(hours)).await;
        let mut all = all.expect("an answer").into_iter();
        all.find(|it| it.id == id).expect("it is listed")
    }

    async fn ended_by_hand(&self, request: SnoozeRequest<'_>) {
        let made = self.ledger.snooze(request, self.at(30)).await;
        let made = made.expect("an answer").expect("a snooze");
        assert_eq!(self.admit("e", 31).await, [Disposition::Snoozed]);
        for hours in [32, 33] {
            let ended = self.ledger.end_snooze(&made.id, "kim", self.at(hours));
            assert_eq!(ended.await.expect("an answer").is_some(), hours == 32);
        }
        let over = self.listed(&made.id, 33).await;
        assert_eq!(
            (over.until, over.ended_by.as_deref()),
            (self.at(32), Some("kim"))
        );
        assert!(matches!(
            self.admit("f", 33).await[..],
            [Disposition::Publish(..)]
        ));
    }
}
