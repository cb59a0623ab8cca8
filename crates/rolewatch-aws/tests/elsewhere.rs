//! A bucket in another region than the stack's, as S3 answers for it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::{Arc, Mutex};

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use rolewatch::allowlist_in_force::{AllowlistSource, Fetched};
use rolewatch_aws::allowlist::AllowlistLocation;
use rolewatch_aws::pages::Pages;
use rolewatch_aws::settings::Location;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ELSEWHERE: &str = "HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: us-west-2\r\ncontent-type: application/xml\r\n\
    content-length: 60\r\nconnection: close\r\n\r\n<Error><Code>PermanentRedirect</Code><Message>x</Message></Error>";
const HERE: &str = "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-length: 12\r\nconnection: close\r\n\r\nversion = 1\n";

/// S3, where the bucket is in us-west-2. Returns its address, and the regions that calls were signed for.
async fn s3() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let signed = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&signed);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let region = answer(stream).await;
            seen.lock().unwrap().push(region);
        }
    });
    (url, signed)
}

async fn answer(mut stream: TcpStream) -> String {
    let mut request = Vec::new();
    while !request.windows(4).any(|it| it == b"\r\n\r\n") {
        let mut more = [0; 4096];
        let read = stream.read(&mut more).await.unwrap();
        assert!(read > 0);
        request.extend_from_slice(&more[..read]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let (_, scope) = request.split_once("Credential=").unwrap();
    let region = scope.split('/').nth(2).unwrap().to_owned();
    let answer = if region == "us-west-2" {
        HERE
    } else {
        ELSEWHERE
    };
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    region
}

async fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIAEXAMPLE", "example", None, None, "tests");
    let config = rolewatch_aws::config().await.into_builder();
    config
        .endpoint_url(url)
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

#[tokio::test]
async fn an_allowlist_is_read_where_its_bucket_is() {
    let (url, signed) = s3().await;
    let location = Location::S3 {
        bucket: "central".into(),
        key: "allowlist.toml".into(),
    };
    let source = AllowlistLocation::new(&location, &config(&url).await);
    for _ in 0..2 {
        let Fetched::Changed(fresh) = source.fetch(None).await.unwrap() else {
            panic!("it was never read");
        };
        assert_eq!(fresh.content, b"version = 1\n");
    }
    // Once it is known, nobody else is asked.
    let signed = signed.lock().unwrap().clone();
    assert_eq!(signed, ["eu-central-1", "us-west-2", "us-west-2"]);
}

#[tokio::test]
async fn a_page_is_kept_where_its_bucket_is() {
    let (url, signed) = s3().await;
    let pages = Pages::new(&config(&url).await, "central");
    pages
        .keep("reports/2026-W47.html", "<p>".into())
        .await
        .unwrap();
    let signed = signed.lock().unwrap().clone();
    assert_eq!(signed, ["eu-central-1", "us-west-2"]);
}
