//! The queue that alerts wait in, and its dead letters.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue};

/// SQS takes so many messages in one call.
const MOST: usize = 10;

/// A queue and its dead letters.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
    dead_letters_url: String,
}

/// Why SQS did not do it.
#[derive(Debug, thiserror::Error)]
#[error("SQS: {0}")]
pub struct QueueError(String);

impl Queue {
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
    /// The first that SQS says; the others are tried all the same.
    pub async fn hold(&self, waits: &[(String, u32)]) -> Result<(), QueueError> {
        let mut result = Ok(());
        for waits in waits.chunks(MOST) {
            let held = self.hold_some(waits).await;
            result = result.and(held);
        }
        result
    }

    async fn hold_some(&self, waits: &[(String, u32)]) -> Result<(), QueueError> {
        let entries = waits.iter().enumerate().map(|(i, (receipt, seconds))| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(i.to_string())
                .receipt_handle(receipt)
                .visibility_timeout(i32::try_from(*seconds).unwrap_or(i32::MAX))
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>();
        let entries = entries.map_err(|error| QueueError(error.to_string()))?;
        let call = self.client.change_message_visibility_batch();
        let call = call.queue_url(&self.url).set_entries(Some(entries));
        let answer = call.send().await.map_err(|error| failed(&error))?;
        match answer.failed.first() {
            Some(entry) => Err(QueueError(entry.code.clone())),
            None => Ok(()),
        }
    }

    /// Puts a message among the dead letters, with the reason beside it.
    ///
    /// # Errors
    /// It is not there, as far as is known.
    pub async fn park(&self, body: &str, reason: &str) -> Result<(), QueueError> {
        let reason = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(reason)
            .build()
            .map_err(|error| QueueError(error.to_string()))?;
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

fn failed<E: ProvideErrorMetadata>(error: &SdkError<E>) -> QueueError {
    QueueError(error.code().unwrap_or("no answer").to_owned())
}
