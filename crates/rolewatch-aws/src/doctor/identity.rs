//! Who asks, and what time it is at AWS: STS.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_sdk_sts::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_sts::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sts::error::BoxError;
use chrono::{DateTime, Utc};
use rolewatch::doctor::{Looked, NotLooked};

use super::{because, failed, in_time};

const ACTION: &str = "sts:GetCallerIdentity";

/// Whoever looks.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account's number.
    pub account: String,
    /// `aws`, `aws-cn` and so on.
    pub partition: String,
    /// This machine's time, when AWS answered.
    pub now: DateTime<Utc>,
    /// AWS's time then.
    pub time: Looked<DateTime<Utc>>,
}

/// Who asks: the first look, without which there is no other.
///
/// # Errors
/// There are no credentials, or they are not taken.
pub async fn caller(config: &SdkConfig) -> Looked<Caller> {
    in_time(ACTION, ask(config)).await
}

async fn ask(config: &SdkConfig) -> Looked<Caller> {
    let watch = Watch::default();
    let config = aws_sdk_sts::config::Builder::from(config).interceptor(watch.clone());
    let client = aws_sdk_sts::Client::from_conf(config.build());
    let answer = client.get_caller_identity().send().await;
    let answer = answer.map_err(failed(ACTION))?;
    let partition = answer.arn().and_then(|arn| arn.split(':').nth(1));
    Ok(Caller {
        account: answer.account().unwrap_or_default().to_owned(),
        partition: partition.unwrap_or("aws").to_owned(),
        now: SystemTime::now().into(),
        time: watch.time(),
    })
}

/// Keeps the time that an answer of AWS's bears.
#[derive(Clone, Debug, Default)]
struct Watch(Arc<Mutex<Option<String>>>);

impl Watch {
    fn time(&self) -> Result<DateTime<Utc>, NotLooked> {
        let date = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let date = date
            .as_deref()
            .ok_or_else(|| because(ACTION, "an answer without a date"))?;
        let time = DateTime::parse_from_rfc2822(date);
        time.map(|time| time.to_utc())
            .map_err(|_| because(ACTION, "an answer whose date is none"))
    }
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").map(str::to_owned);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
