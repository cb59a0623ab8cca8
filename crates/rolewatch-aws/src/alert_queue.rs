//! The queue that alerts wait in, and its dead letters.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::MessageAttributeValue;

/// A queue and its dead letters.
#[derive(Clone, Debug)]
pub struct AlertQueue {
    client: Client,
    url: String,
    dead_letters_url: String,
}

/// Why SQS did not do it.
#[derive(Debug, thiserror::Error)]
#[error("SQS: {0}")]
pub struct AlertQueueError(String);

impl AlertQueue {
    /// The queue with this URL, and that with its dead letters.
    #[must_use]
    pub fn new(
        config: &SdkConfig,
        url: impl Into<String>,
        dead_letters_url: impl Into<String>,
    ) -> Self {
        Self {
            client: Client::new(config),
            url: url.into(),
            dead_letters_url: dead_letters_url.into(),
        }
    }

    /// Lets messages that were received come again after so many seconds each: receipt handles
    /// and waits. A message that this fails for comes again when the queue's own time is over.
    ///
    /// # Errors
    /// The last that SQS says. Where it says nothing, the rest is not tried: each try would take as
    /// long, and the function has no more time than it has.
    pub async fn hold(&self, waits: &[(String, u32)]) -> Result<(), AlertQueueError> {
        let mut result = Ok(());
        for (receipt, seconds) in waits {
            let call = self.client.change_message_visibility();
            let call = call.queue_url(&self.url).receipt_handle(receipt);
            let seconds = i32::try_from(*seconds).unwrap_or(i32::MAX);
            if let Err(error) = call.visibility_timeout(seconds).send().await {
                result = Err(failed(&error));
                if error.code().is_none() {
                    break;
                }
            }
        }
        result
    }

    /// Puts a message among the dead letters, with the reason beside it.
    ///
    /// # Errors
    /// It is not there, as far as is known.
    pub async fn park(&self, body: &str, reason: &str) -> Result<(), AlertQueueError> {
        let reason = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(reason)
            .build()
            .map_err(|error| AlertQueueError(error.to_string()))?;
        self.client
            .send_message()
            .queue_url(&self.dead_letters_url)
            .message_body(body)
            .message_attributes("reason", reason)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed(&error))
    }
}

fn failed<E: ProvideErrorMetadata>(error: &SdkError<E>) -> AlertQueueError {
    AlertQueueError(error.code().unwrap_or("no answer").to_owned())
}
