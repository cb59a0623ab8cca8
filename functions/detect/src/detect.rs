//! One invocation: what is in force, then events to judge, or time that has passed.

use chrono::{DateTime, Utc};
use lambda_runtime::{Error, LambdaEvent};
use rolewatch::allowlist_in_force::{AllowlistInForce, InForce};
use rolewatch::notify::Localised;
use rolewatch::pipeline::{Item, Pipeline, Report};
use rolewatch::store::{Ledger, StoreError};
use rolewatch::upkeep::{ArrivedDrill, Own, Upkeep, attend};
use rolewatch_aws::allowlist::AllowlistLocation;
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::sns::Topic;
use serde_json::Value;

use crate::batch::{Batch, Kind, Work};
use crate::{log, metrics};

/// The function, with what lives as long as its process.
pub(crate) struct Detect {
    pub(crate) pipeline: Pipeline<Ledger<DynamoTable>, Localised<Topic>>,
    pub(crate) allowlist: AllowlistInForce<AllowlistLocation>,
    pub(crate) own: Own,
}

impl Detect {
    /// Does one invocation.
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let function = &event.context.env_config.function_name;
        match Work::from(event.payload) {
            Work::Judge(Batch { kind, items, sent }) => {
                let answer = self.judge(kind, items, function).await?;
                if let Some(line) = metrics::given_back(&answer, &sent, function, Utc::now()) {
                    log::print(&line);
                }
                Ok(answer)
            }
            Work::Sweep => self.minute(function).await,
        }
    }

    async fn judge(&self, kind: Kind, items: Vec<Item>, function: &str) -> Result<Value, Error> {
        let now = Utc::now();
        // What is about the service itself needs no allowlist.
        let (items, mut reports, told) = self.attend(items, function, now).await;
        if items.is_empty() {
            self.tell_at_once(told, function, now).await;
            return kind.answer(&reports);
        }
        let in_force = match self.look(now).await {
            Ok(in_force) => in_force,
            Err(error) => {
                self.tell_at_once(told, function, now).await;
                reports.extend(unjudged(items, &error));
                return kind.answer(&reports);
            }
        };
        let (items, drills, drilled) = self.rehearse(items, &in_force, now).await;
        reports.extend(drills);
        let told = told || drilled;
        let judged = self.pipeline.run(items, &in_force.allowlist, now).await;
        for report in &judged {
            log::report(report, in_force.version.as_deref(), now);
        }
        if let Some(lag) = metrics::lag(&judged, function, Utc::now()) {
            log::print(&lag);
        }
        self.tell_at_once(told || in_force.news, function, now)
            .await;
        reports.extend(judged);
        kind.answer(&reports)
    }

    /// Takes in what is about the service itself. Returns the items that are not, what became of those that are, and
    /// whether there is something to tell.
    async fn attend(
        &self,
        items: Vec<Item>,
        function: &str,
        now: DateTime<Utc>,
    ) -> (Vec<Item>, Vec<Report>, bool) {
        let (mut others, mut reports, mut news) = (Vec::new(), Vec::new(), false);
        for item in items {
            match attend(&item, &self.own, &self.pipeline.store, now).await {
                Ok(None) => others.push(item),
                Ok(Some(upkeep)) => {
                    news |= matches!(upkeep, Upkeep::Deed(_, true));
                    log::upkeep(&item.id, &upkeep);
                    if let Upkeep::Canary(canary, true) = &upkeep {
                        log::print(&metrics::canary(canary, function, now));
                    }
                    reports.push(Report::done(item.id));
                }
                Err(not) => {
                    let report = Report::undone(item.id, not.to_string());
                    log::report(&report, None, now);
                    reports.push(report);
                    // Somebody who takes the table away would be heard of by nobody.
                    if let (StoreError::Down(_), Some(alert)) = (not.error, not.alert) {
                        self.pipeline.tell_unkept(*alert, now).await;
                    }
                }
            }
        }
        (others, reports, news)
    }

    /// Takes in drills, judged by the allowlist in force. Returns the items that are none, what became of those that are,
    /// and whether there is something to tell.
    async fn rehearse(
        &self,
        items: Vec<Item>,
        in_force: &InForce,
        now: DateTime<Utc>,
    ) -> (Vec<Item>, Vec<Report>, bool) {
        let (mut others, mut reports, mut news) = (Vec::new(), Vec::new(), false);
        for item in items {
            let Some(arrived) = ArrivedDrill::read(&item.body, now) else {
                others.push(item);
                continue;
            };
            let alerts = arrived.alerts(&in_force.allowlist);
            let store = &self.pipeline.store;
            match store.rehearse(&arrived.drill.id, &alerts, now).await {
                Ok(new) => {
                    news |= new;
                    log::drill(&item.id, &arrived.drill.id, &alerts, new);
                    reports.push(Report::done(item.id));
                }
                Err(error) => {
                    let report = Report::undone(item.id, error.to_string());
                    log::report(&report, in_force.version.as_deref(), now);
                    reports.push(report);
                }
            }
        }
        (others, reports, news)
    }

    /// What is told a little later where this fails: by the schedule's next sweep.
    async fn tell_at_once(&self, news: bool, function: &str, now: DateTime<Utc>) {
        if news && let Err(error) = self.sweep(function, now).await {
            log::not_swept(&error);
        }
    }

    /// The schedule's sweep looks at the allowlist too: a change is told where nothing happens.
    async fn minute(&self, function: &str) -> Result<Value, Error> {
        let now = Utc::now();
        let looked = self.look(now).await;
        self.sweep(function, now).await?;
        looked?;
        log::print(&metrics::sweep(function, now));
        Ok(Value::Null)
    }

    async fn look(&self, now: DateTime<Utc>) -> Result<InForce, StoreError> {
        let in_force = self.allowlist.look(&self.pipeline.store, now).await?;
        if let Some(why) = &in_force.store_error {
            log::allowlist_not_recorded(in_force.version.as_deref(), why);
        }
        Ok(in_force)
    }

    async fn sweep(&self, function: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let swept = self.pipeline.sweep(now).await?;
        log::swept(swept.published, &swept.failures);
        if let Some(overdue) = swept.overdue {
            log::print(&metrics::overdue(overdue, function, now));
        }
        Ok(())
    }
}

/// Without an allowlist in force, known to be the last good one, nothing is judged.
fn unjudged(items: Vec<Item>, error: &StoreError) -> Vec<Report> {
    let why = format!("no allowlist is at hand: {error}");
    let report = |item: Item| {
        let report = Report::undone(item.id, why.clone());
        log::report(&report, None, Utc::now());
        report
    };
    items.into_iter().map(report).collect()
}
