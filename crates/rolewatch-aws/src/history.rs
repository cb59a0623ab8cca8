//! CloudTrail's own history: the calls of the last 90 days, region by region.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::config::Builder;
use aws_sdk_cloudtrail::error::ProvideErrorMetadata;
use aws_sdk_cloudtrail::primitives::DateTime as AwsTime;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use chrono::{DateTime, Utc};
use rolewatch::reconcile::{History, HistoryError, Page};
use tokio::time::{Instant, sleep_until};

const CALL: &str = "AssumeRoleWithWebIdentity";
/// The most that there is.
const PAGE: i32 = 50;
/// AWS answers two a second in a region, to everybody in the account together. What asks faster is
/// throttled, and keeps others from looking.
const BETWEEN: Duration = Duration::from_millis(500);

/// The history of all regions.
#[derive(Debug)]
pub struct EventHistory {
    config: SdkConfig,
    pace: Pace,
}

impl EventHistory {
    /// That of the account that the configuration is of.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            config: config.clone(),
            pace: Pace::default(),
        }
    }

    fn client(&self, region: &str) -> Client {
        let config = Builder::from(&self.config).region(Region::new(region.to_owned()));
        Client::from_conf(config.build())
    }
}

impl History for EventHistory {
    async fn page(
        &self,
        region: &str,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        token: Option<String>,
    ) -> Result<Page, HistoryError> {
        let failed = |reason: &str| HistoryError {
            region: region.to_owned(),
            reason: reason.to_owned(),
        };
        let by_name = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::EventName)
            .attribute_value(CALL)
            .build()
            .map_err(|_| failed("it cannot be asked by a call's name"))?;
        self.pace.turn().await;
        let call = self.client(region).lookup_events();
        let answer = call
            .lookup_attributes(by_name)
            .start_time(AwsTime::from_secs(from.timestamp()))
            .end_time(AwsTime::from_secs(until.timestamp()))
            .max_results(PAGE)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failed(error.code().unwrap_or("no answer")))?;
        let events = answer.events.unwrap_or_default().into_iter();
        Ok(Page {
            records: events.filter_map(|it| it.cloud_trail_event).collect(),
            next: answer.next_token,
        })
    }
}

/// Lets through one call at a time, none sooner than it may be asked.
#[derive(Debug, Default)]
struct Pace(Mutex<Option<Instant>>);

impl Pace {
    async fn turn(&self) {
        let turn = {
            let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = next.map_or_else(Instant::now, |next| next.max(Instant::now()));
            *next = Some(turn + BETWEEN);
            turn
        };
        sleep_until(turn).await;
    }
}
