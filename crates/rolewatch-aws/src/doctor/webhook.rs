//! Where the webhook's URL is kept, and how; never what it is, unless a message is to be sent there: Systems Manager, or
//! Secrets Manager.

use aws_config::SdkConfig;
use aws_sdk_ssm::types::ParameterType;
use rolewatch::doctor::{Kept, Looked, Stack, Webhook};

use super::{because, failed, in_time};
use crate::parameter::{ReadError, read};
use crate::settings::Location;

const PARAMETER: &str = "ssm:GetParameter";
const SECRET: &str = "secretsmanager:DescribeSecret";

pub(super) async fn webhook(config: &SdkConfig, stack: &Stack) -> Option<Webhook> {
    if !stack.tells_slack() {
        return None;
    }
    let place = place(stack).to_owned();
    let kept = match Location::of_secret(&place) {
        Some(Location::Ssm(name)) => in_time(PARAMETER, parameter(config, &name)).await,
        Some(Location::SecretsManager(id)) => in_time(SECRET, secret(config, &id)).await,
        _ => Err(because(PARAMETER, "the stack does not say where it is")),
    };
    Some(Webhook {
        place,
        kept,
        sent: None,
    })
}

/// The webhook's URL itself, to send a message there.
///
/// # Errors
/// It cannot be read.
pub async fn address(config: &SdkConfig, stack: &Stack) -> Option<Result<String, ReadError>> {
    let location = Location::of_secret(place(stack))?;
    Some(read(&location, config).await)
}

fn place(stack: &Stack) -> &str {
    stack.parameter("SlackWebhook").unwrap_or_default()
}

async fn parameter(config: &SdkConfig, name: &str) -> Looked<Kept> {
    let client = aws_sdk_ssm::Client::new(config);
    let call = client.get_parameter().name(name).with_decryption(false);
    let answer = call.send().await.map_err(failed(PARAMETER))?;
    let kind = answer.parameter.and_then(|it| it.r#type);
    Ok(match kind {
        Some(ParameterType::SecureString) => Kept::Secretly,
        _ => Kept::Plainly,
    })
}

async fn secret(config: &SdkConfig, id: &str) -> Looked<Kept> {
    let client = aws_sdk_secretsmanager::Client::new(config);
    let answer = client.describe_secret().secret_id(id).send().await;
    answer.map_err(failed(SECRET)).map(|_| Kept::Secretly)
}
