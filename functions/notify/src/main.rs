//! notify: alerts from SNS, through SQS, to Slack.

mod clock;
mod message;
mod notify;
mod secrets;

use std::sync::Arc;

use lambda_runtime::{Error, run, service_fn};
use rolewatch_aws::settings::{NotifySettings, ProcessEnvironment};

use crate::notify::Notify;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = NotifySettings::read(&ProcessEnvironment)?;
    let notify = Arc::new(Notify::new(settings, rolewatch_aws::config().await));
    run(service_fn(move |event| {
        let notify = Arc::clone(&notify);
        async move { Ok::<_, Error>(notify.handle(event).await) }
    }))
    .await
}
