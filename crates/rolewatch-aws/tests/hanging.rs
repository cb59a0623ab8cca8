//! A table that hangs is waited for once, and not by every call that follows.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use rolewatch::store::table::{Key, Sorts, Table};
use rolewatch_aws::dynamodb::DynamoTable;
use tokio::net::TcpListener;

const NOW: i64 = 4_102_444_800;

/// Takes every connection, and says nothing. Returns its address, and how many came.
async fn mute() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let taken = Arc::clone(&count);
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            held.push(listener.accept().await.unwrap().0);
            taken.fetch_add(1, Ordering::SeqCst);
        }
    });
    (url, count)
}

async fn impatient(url: &str) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_millis(200));
    let credentials = Credentials::new("AKIAEXAMPLE", "example", None, None, "tests");
    let config = rolewatch_aws::config().await.into_builder();
    config
        .endpoint_url(url)
        .region(aws_config::Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build())
        .build()
}

#[tokio::test]
async fn what_had_no_answer_is_not_asked_again_at_once() {
    let (url, connections) = mute().await;
    let table = DynamoTable::new(&impatient(&url).await, "rolewatch");
    let key = Key::new("p", "s");
    let error = table
        .read(std::slice::from_ref(&key), NOW)
        .await
        .unwrap_err();
    assert!(error.0.contains("no answer in time"), "{error:?}");
    let asked = connections.load(Ordering::SeqCst);
    assert!(asked > 0);
    // By nobody who shares it, whatever the call.
    let shared = table.clone();
    for refused in [
        shared.read(&[key], NOW).await.map(drop),
        shared.list("p", Sorts::All, 1, NOW).await.map(drop),
        table.commit(&[], NOW).await.map(drop),
    ] {
        let why = refused.unwrap_err().0;
        assert!(why.contains("it did not answer a moment ago"), "{why}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), asked);
    // Another table is another matter.
    let other = DynamoTable::new(&impatient(&url).await, "other");
    assert!(
        other
            .list("p", Sorts::All, 1, NOW)
            .await
            .unwrap_err()
            .0
            .contains("in time")
    );
    assert!(connections.load(Ordering::SeqCst) > asked);
}
