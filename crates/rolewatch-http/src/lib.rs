//! rolewatch's ports over plain HTTPS, on the TLS stack that the AWS SDK brings.

mod client;
#[cfg(feature = "keys")]
pub mod keys;
pub mod slack;
