//! One run over all regions that send canaries.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, TimeDelta, Utc};
use lambda_runtime::{Context, Error, LambdaEvent};
use rolewatch::reconcile::{Reconciler, Summary};
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::history::EventHistory;
use rolewatch_aws::inbox::EventsQueue;
use rolewatch_aws::metric;
use serde_json::{Value, json};

/// A region whose canaries stopped is looked at for so many days more: what its forwarder did not
/// bring is in its history.
const DAYS: u64 = 7;
/// A page that is begun has to be done, and all that is on it put into the queue, before Lambda
/// ends the run.
const LAST_PAGE: Duration = Duration::from_mins(1);

/// The function, with what lives as long as its process.
pub(crate) struct Reconcile {
    pub(crate) reconciler: Reconciler<DynamoTable, EventHistory, EventsQueue>,
    /// The region that this runs in.
    pub(crate) home: String,
}

impl Reconcile {
    /// Does one invocation. Answers with what it came to; what could not be done is an error, once
    /// everything else is done.
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let now = Utc::now();
        let regions = self.regions(now).await?;
        let context = &event.context;
        let end = UNIX_EPOCH + Duration::from_millis(context.deadline);
        let tired = || SystemTime::now() + LAST_PAGE >= end;
        let summary = self.reconciler.run(&regions, now, tired).await;
        let behind = self.reconciler.behind(&regions, now).await?;
        let answer = json!({
            "level": if summary.problems.is_empty() { "info" } else { "error" },
            "message": "reconciled", "regions": regions, "checked": summary.checked,
            "missed": summary.missed, "behind_seconds": behind.map(|it| it.num_seconds()),
            "problems": summary.problems,
        });
        println!("{answer}");
        measure(context, now, &summary, behind);
        if summary.problems.is_empty() {
            return Ok(answer);
        }
        Err(summary.problems.join("; ").into())
    }

    /// This region, and each that a canary came from.
    async fn regions(&self, now: DateTime<Utc>) -> Result<Vec<String>, Error> {
        let mut regions = self.reconciler.store.regions_heard(DAYS, now).await?;
        if !regions.contains(&self.home) {
            regions.push(self.home.clone());
        }
        Ok(regions)
    }
}

/// What alarms watch.
fn measure(context: &Context, now: DateTime<Utc>, summary: &Summary, behind: Option<TimeDelta>) {
    let function = &context.env_config.function_name;
    let missed = i64::try_from(summary.missed).unwrap_or(i64::MAX);
    let line = metric::line(function, now, "Missed", "Count", missed);
    println!("{line}");
    // Of a region that was never looked at nobody knows.
    if let Some(behind) = behind {
        let seconds = behind.num_seconds();
        let line = metric::line(function, now, "Behind", "Seconds", seconds);
        println!("{line}");
    }
}
