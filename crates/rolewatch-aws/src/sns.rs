//! Alerts to an SNS topic.

use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::types::MessageAttributeValue;
use rolewatch::alert::Alert;
use rolewatch::notify::{Notifier, NotifyError};
use rolewatch::rendering::amazon_q::notification;
use rolewatch::rendering::sns::{Publication, publication};

/// A topic that alerts are published to.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
}

impl Topic {
    /// The topic with this ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            arn: arn.into(),
        }
    }

    /// Publishes what was worded.
    ///
    /// # Errors
    /// It was not taken; the error says whether trying again can help.
    pub async fn publish(&self, publication: Publication) -> Result<(), NotifyError> {
        let mut call = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(publication.subject)
            .message_structure("json")
            .message(publication.message);
        for (name, value) in publication.attributes {
            let attribute = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value);
            // The only field that can be missing is the type, which is set.
            let attribute = attribute
                .build()
                .map_err(|error| NotifyError::Refused(error.to_string()))?;
            call = call.message_attributes(name, attribute);
        }
        call.send()
            .await
            .map(|_| ())
            .map_err(|error| classify(&error))
    }
}

impl Notifier for Topic {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        self.publish(publication(alert)).await
    }
}

/// A topic that Amazon Q Developer in chat applications subscribes to.
#[derive(Clone, Debug)]
pub struct Chat(Topic);

impl Chat {
    /// The topic with this ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self(Topic::new(config, arn))
    }
}

impl Notifier for Chat {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        let call = self.0.client.publish().topic_arn(&self.0.arn);
        let published = call.message(notification(alert).to_string()).send().await;
        published.map(|_| ()).map_err(|error| classify(&error))
    }
}

/// Whether trying again can help: not where SNS said that the request, the topic or the
/// permission is wrong.
fn classify<E: ProvideErrorMetadata>(error: &SdkError<E>) -> NotifyError {
    let code = error.code().unwrap_or("no answer").to_owned();
    match code.as_str() {
        "InvalidParameter"
        | "InvalidParameterValue"
        | "NotFound"
        | "AuthorizationError"
        | "EndpointDisabled"
        | "ValidationException" => NotifyError::Refused(format!("SNS: {code}")),
        _ => NotifyError::Later {
            reason: format!("SNS: {code}"),
            wait: None,
        },
    }
}
