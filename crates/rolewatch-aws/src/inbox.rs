//! The queue of events, for what should have come there by itself.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use rolewatch::reconcile::{Inbox, NotPut};

/// The queue of events.
#[derive(Clone, Debug)]
pub struct EventsQueue {
    client: Client,
    url: String,
}

impl EventsQueue {
    /// The one with this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self {
            client: Client::new(config),
            url,
        }
    }
}

impl Inbox for EventsQueue {
    async fn put(&self, event: String) -> Result<(), NotPut> {
        let call = self.client.send_message().queue_url(&self.url);
        match call.message_body(event).send().await {
            Ok(_) => Ok(()),
            // Its message could quote what was sent.
            Err(error) => Err(not_put(error.code().unwrap_or("no answer"))),
        }
    }
}

/// Whether it is the message that is at fault: what it holds, or that it is too long.
fn not_put(code: &str) -> NotPut {
    let why = format!("SQS: {code}");
    match code {
        "InvalidMessageContents" | "InvalidParameterValue" => NotPut::Ever(why),
        _ => NotPut::Now(why),
    }
}
