//! Alerts as events, onto a bus of `EventBridge`.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use rolewatch::alert::Alert;
use rolewatch::notify::{Notifier, NotifyError};
use rolewatch::rendering::eventbridge::{Entry, entry};

/// A bus that alerts are put on.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    arn: String,
}

impl Bus {
    /// The bus with this ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            arn: arn.into(),
        }
    }

    fn request(&self, entry: Entry) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.arn)
            .source(entry.source)
            .detail_type(entry.detail_type)
            .detail(entry.detail)
            .set_resources(Some(entry.resources))
            .set_time(entry.time.map(DateTime::from_secs))
            .build()
    }
}

impl Notifier for Bus {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        let call = self.client.put_events().entries(self.request(entry(alert)));
        let answer = call.send().await;
        let answer = answer.map_err(|error| classify(error.code().unwrap_or("no answer")))?;
        let failed = answer.entries().iter().find_map(|it| it.error_code());
        failed.map_or(Ok(()), |code| Err(classify(code)))
    }
}

/// Whether trying again can help: not where the bus or the permission is wrong.
fn classify(code: &str) -> NotifyError {
    let reason = format!("EventBridge: {code}");
    match code {
        "AccessDeniedException"
        | "NotAuthorizedForSourceException"
        | "ResourceNotFoundException"
        | "ValidationException"
        | "InvalidArgument"
        | "MalformedDetail" => NotifyError::Refused(reason),
        _ => NotifyError::Later { reason, wait: None },
    }
}
