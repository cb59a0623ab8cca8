//! Reports' pages, kept in a bucket.

use aws_config::SdkConfig;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;

use crate::bucket::Bucket;

/// Where reports' pages are kept.
#[derive(Debug)]
pub struct Pages {
    bucket: Bucket,
    region: String,
}

/// Why a page is not kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep the page {key}: S3: {code}")]
pub struct PageError {
    /// The page's name.
    pub key: String,
    /// What S3 said.
    pub code: String,
}

impl Pages {
    /// Those in this bucket.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        Self {
            bucket: Bucket::new(config, bucket),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// Keeps a page, in place of one with the same name.
    ///
    /// # Errors
    /// S3 did not take it.
    pub async fn keep(&self, key: &str, html: String) -> Result<(), PageError> {
        let html = html.into_bytes();
        let put = self.bucket.ask(|client| {
            let put = client
                .put_object()
                .bucket(&self.bucket.name)
                .key(key)
                .content_type("text/html; charset=utf-8");
            put.body(ByteStream::from(html.clone())).send()
        });
        put.await.map(|_| ()).map_err(|error| PageError {
            key: key.to_owned(),
            code: error.code().unwrap_or("no answer").to_owned(),
        })
    }

    /// Where a person who may read the bucket finds the page: in AWS's console, which asks who
    /// they are. A link that opens by itself would end with this function's credentials.
    #[must_use]
    pub fn link(&self, key: &str) -> String {
        let (bucket, region) = (&self.bucket.name, &self.region);
        let console = match region.split('-').take(2).collect::<Vec<_>>()[..] {
            ["cn", ..] => "console.amazonaws.cn",
            ["us", "gov"] => "console.amazonaws-us-gov.com",
            _ => "console.aws.amazon.com",
        };
        // One parameter alone: an ampersand is not what Slack takes in a link.
        format!("https://{region}.{console}/s3/object/{bucket}?prefix={key}")
    }
}
