//! rolewatch's ports on AWS: one module and one cargo feature a service.
//!
//! Clients are made once, from [`config`]. `AWS_ENDPOINT_URL` in the environment points every
//! one of them at another endpoint.

#[cfg(feature = "sqs")]
pub mod alert_queue;
pub mod allowlist;
#[cfg(feature = "s3")]
mod bucket;
#[cfg(feature = "doctor")]
pub mod doctor;
#[cfg(feature = "eventbridge")]
pub mod drill;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "eventbridge")]
pub mod eventbridge;
#[cfg(feature = "cloudtrail")]
pub mod history;
#[cfg(feature = "sqs")]
pub mod inbox;
pub mod metric;
#[cfg(feature = "s3")]
pub mod pages;
#[cfg(any(feature = "ssm", feature = "secrets-manager"))]
pub mod parameter;
#[cfg(feature = "sqs")]
pub mod queue;
pub mod settings;
#[cfg(feature = "sns")]
pub mod sns;

use std::time::Duration;

use aws_config::BehaviorVersion;
pub use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// One try of a call may take this long; the calls here are small.
const ATTEMPT: Duration = Duration::from_secs(5);
/// A call with all its tries may take this long, well within a function's time-out.
const OPERATION: Duration = Duration::from_secs(15);
/// How often a throttled or failed call is tried.
const ATTEMPTS: u32 = 4;

/// What every client is made from: the environment's region, credentials and endpoint.
pub async fn config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(OPERATION)
                .build(),
        )
        .load()
        .await
}
