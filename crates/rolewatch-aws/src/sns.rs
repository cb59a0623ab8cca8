//! Alerts to an SNS topic.

use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::types::MessageAttributeValue;
use rolewatch::alert::Alert;
use rolewatch::notify::{Notifier, NotifyError};
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

    /// Publishes a text for people, such as a mail's.
    ///
    /// # Errors
    /// SNS did not take it.
    pub async fn publish_text(&self, subject: &str, text: &str) -> Result<(), NotifyError> {
        let call = self.client.publish().topic_arn(&self.arn);
        let answer = call.subject(subject).message(text).send().await;
        answer.map(|_| ()).map_err(|error| classify(&error))
    }

    async fn publish(&self, publication: Publication) -> Result<(), NotifyError> {
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
