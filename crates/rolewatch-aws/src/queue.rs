//! How much waits in a queue of SQS.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::QueueAttributeName;

/// What of a queue's messages is counted: waiting, being looked at, and held back.
const COUNTS: [QueueAttributeName; 3] = [
    QueueAttributeName::ApproximateNumberOfMessages,
    QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    QueueAttributeName::ApproximateNumberOfMessagesDelayed,
];

/// Queues that are counted together.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    urls: Vec<String>,
}

/// Why nobody knows how much waits.
#[derive(Debug, thiserror::Error)]
#[error("cannot count what waits in {queue}: SQS: {code}")]
pub struct QueueError {
    /// The queue's URL.
    pub queue: String,
    /// What SQS said.
    pub code: String,
}

impl Queues {
    /// Those with these URLs.
    #[must_use]
    pub fn new(config: &SdkConfig, urls: Vec<String>) -> Self {
        Self {
            client: Client::new(config),
            urls,
        }
    }

    /// How many messages they hold, as SQS counts them: about so many, when others come and go at
    /// the same time. None where there are no queues to ask.
    ///
    /// # Errors
    /// One of them did not say.
    pub async fn waiting(&self) -> Result<Option<u64>, QueueError> {
        let mut waiting = None;
        for url in &self.urls {
            let here = self.waiting_in(url).await.map_err(|code| QueueError {
                queue: url.clone(),
                code,
            })?;
            waiting = Some(waiting.unwrap_or(0) + here);
        }
        Ok(waiting)
    }

    async fn waiting_in(&self, url: &str) -> Result<u64, String> {
        let call = self.client.get_queue_attributes().queue_url(url);
        let answer = call
            .set_attribute_names(Some(COUNTS.to_vec()))
            .send()
            .await
            .map_err(|error| error.code().unwrap_or("no answer").to_owned())?;
        let attributes = answer.attributes.unwrap_or_default();
        let count = |name| -> Option<u64> { attributes.get(name)?.parse().ok() };
        // A queue that does not say how many wait has not said that there are none.
        let counts: Option<Vec<u64>> = COUNTS.iter().map(count).collect();
        counts
            .map(|counts| counts.into_iter().sum())
            .ok_or_else(|| "an answer without the counts".to_owned())
    }
}
