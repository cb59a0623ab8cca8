//! Pages that are kept in a bucket.

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;

/// A bucket for pages.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

/// Why a page is not kept.
#[derive(Debug, thiserror::Error)]
#[error("S3: {0}")]
pub struct PageError(String);

impl Bucket {
    /// The bucket with this name.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        // An endpoint of one's own has no host for each bucket.
        let own_endpoint = config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(config).force_path_style(own_endpoint);
        Self {
            client: Client::from_conf(config.build()),
            name: name.into(),
        }
    }

    /// Keeps a page of HTML in place of what has this key; the bucket's versions keep that.
    ///
    /// # Errors
    /// S3 did not take it. Trying again is safe.
    pub async fn put(&self, key: &str, html: String) -> Result<(), PageError> {
        let call = self.client.put_object().bucket(&self.name).key(key);
        let call = call.content_type("text/html; charset=utf-8");
        let answer = call.body(ByteStream::from(html.into_bytes())).send().await;
        answer
            .map(|_| ())
            .map_err(|error| PageError(error.code().unwrap_or("no answer").to_owned()))
    }
}
