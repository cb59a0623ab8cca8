//! Texts that are kept outside the environment, such as a webhook's address.

use aws_config::SdkConfig;

use crate::settings::Location;

/// Why a text could not be read. Holds its place, never the text.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {location:?}: {reason}")]
pub struct ReadError {
    /// Where it should be.
    pub location: Location,
    /// Why it is not to be had.
    pub reason: String,
}

/// Reads a text from where it is kept.
///
/// # Errors
/// Whatever keeps it from being read, the absence of the cargo feature for its place included.
pub async fn read(location: &Location, config: &SdkConfig) -> Result<String, ReadError> {
    let read = match location {
        Location::File(path) => std::fs::read_to_string(path).map_err(|error| error.to_string()),
        Location::Ssm(name) => from_ssm(name, config).await,
        Location::SecretsManager(id) => from_secrets_manager(id, config).await,
        Location::S3 { .. } => Err("an object is no place for a parameter".into()),
    };
    read.map_err(|reason| ReadError {
        location: location.clone(),
        reason,
    })
}

#[cfg(feature = "ssm")]
async fn from_ssm(name: &str, config: &SdkConfig) -> Result<String, String> {
    use aws_sdk_ssm::error::ProvideErrorMetadata;
    let client = aws_sdk_ssm::Client::new(config);
    let answer = client
        .get_parameter()
        .name(name)
        .with_decryption(true)
        .send()
        .await;
    let answer = answer.map_err(|error| error.code().unwrap_or("no answer").to_owned())?;
    answer
        .parameter
        .and_then(|parameter| parameter.value)
        .ok_or_else(|| "it has no value".into())
}

#[cfg(not(feature = "ssm"))]
#[allow(clippy::unused_async, reason = "stands in for one that waits")]
async fn from_ssm(_: &str, _: &SdkConfig) -> Result<String, String> {
    Err("this function does not read Systems Manager".into())
}

#[cfg(feature = "secrets-manager")]
async fn from_secrets_manager(id: &str, config: &SdkConfig) -> Result<String, String> {
    use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
    let client = aws_sdk_secretsmanager::Client::new(config);
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| error.code().unwrap_or("no answer").to_owned())?;
    answer
        .secret_string
        .ok_or_else(|| "it is not a text".into())
}

#[cfg(not(feature = "secrets-manager"))]
#[allow(clippy::unused_async, reason = "stands in for one that waits")]
async fn from_secrets_manager(_: &str, _: &SdkConfig) -> Result<String, String> {
    Err("this function does not read Secrets Manager".into())
}
