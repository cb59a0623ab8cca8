//! A bucket of S3, wherever it is. S3 answers where the bucket is, and elsewhere says where that is; its SDK follows nobody.

use std::future::Future;
use std::sync::{PoisonError, RwLock};

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;

/// A bucket, by the client of its region.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    config: SdkConfig,
    client: RwLock<Client>,
}

impl Bucket {
    /// The one with this name; in the environment's region, until S3 says otherwise.
    pub(crate) fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            config: config.clone(),
            client: RwLock::new(client(config, None)),
        }
    }

    /// Makes a call, and makes it once more where the bucket is if that is another region.
    pub(crate) async fn ask<T, E, F>(
        &self,
        call: impl Fn(Client) -> F,
    ) -> Result<T, SdkError<E, HttpResponse>>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let client = self.client();
        let asked = client.config().region().cloned();
        // In a box: a call's future is large.
        let answer = Box::pin(call(client)).await;
        match answer.as_ref().err().and_then(whereabouts) {
            Some(region) if Some(&region) != asked.as_ref() => {
                let there = self::client(&self.config, Some(region));
                *self.client.write().unwrap_or_else(PoisonError::into_inner) = there.clone();
                Box::pin(call(there)).await
            }
            _ => answer,
        }
    }

    fn client(&self) -> Client {
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner);
        client.clone()
    }
}

/// Where S3 says that the bucket is, in an answer that is none of an object's.
fn whereabouts<E>(error: &SdkError<E, HttpResponse>) -> Option<Region> {
    let answer = error.raw_response()?;
    let moved = matches!(answer.status().as_u16(), 301 | 307 | 400);
    let region = answer.headers().get("x-amz-bucket-region")?;
    moved.then(|| Region::new(region.to_owned()))
}

fn client(config: &SdkConfig, region: Option<Region>) -> Client {
    // An endpoint of one's own has no host for each bucket.
    let own_endpoint = config.endpoint_url().is_some();
    let mut config = aws_sdk_s3::config::Builder::from(config).force_path_style(own_endpoint);
    if let Some(region) = region {
        config = config.region(region);
    }
    Client::from_conf(config.build())
}
