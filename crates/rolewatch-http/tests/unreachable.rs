//! However a post fails on its way, the error may be logged: it says what happened, can be tried
//! again, and holds nothing of the webhook's address, which is its only secret, and nothing of the
//! bot's token.

#![expect(
    clippy::unwrap_used,
    reason = "a harness that cannot go on has failed its test"
)]

use std::future::Future;

use rolewatch::notify::NotifyError;
use rolewatch::store::Spot;
use rolewatch_http::slack::{Bot, Webhook};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PATH: &str = "services/T00000000/B00000000/s3cr3t-path";
const TOKEN: &str = "xoxb-1-s3cr3t-token";

/// Posts to a server of this machine that treats each connection like this.
async fn post_to<F>(scheme: &str, treat: impl Fn(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(treat(stream));
        }
    });
    failure(&format!("{scheme}://127.0.0.1:{port}")).await
}

/// What fails to be posted by webhook and bot, and to be changed, says, as people and as
/// programmers see it.
async fn failure(base: &str) -> String {
    let webhook = Webhook::new(&format!("{base}/{PATH}")).unwrap();
    let bot = Bot::new(TOKEN, &format!("{base}/api")).unwrap();
    let message = json!({"text": "hello"});
    let spot = Spot {
        channel: "C0123ABCD".into(),
        ts: "1503435956.000247".into(),
    };
    let (hooked, posted, updated) = tokio::join!(
        webhook.post(&message),
        bot.post("#alerts", &message),
        bot.update(&spot, &message)
    );
    let errors = [
        hooked.unwrap_err(),
        posted.unwrap_err(),
        updated.unwrap_err(),
    ];
    for error in &errors {
        let passes = matches!(error, NotifyError::Later { wait: None, .. });
        assert!(passes, "{error:?}");
        let shown = format!("{error} {error:?}");
        for secret in [
            "s3cr3t",
            "services",
            "T00000000",
            "xoxb",
            "127.0.0.1",
            "://",
        ] {
            assert!(!shown.contains(secret), "{secret} is in {shown}");
        }
        assert_eq!(error.to_string(), errors[0].to_string());
    }
    errors[0].to_string()
}

/// Reads the request's head, so that closing the connection resets nothing that was sent before.
async fn request(stream: &mut TcpStream) {
    let mut buffer = vec![0; 64 * 1024];
    let read = stream.read(&mut buffer).await.unwrap();
    assert!(read > 0);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let shown = failure(&format!("http://127.0.0.1:{port}")).await;
    assert!(shown.contains("the connection failed"), "{shown}");
}

#[tokio::test]
async fn the_other_side_does_not_speak_tls() {
    let shown = post_to("https", |mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    assert!(shown.contains("the connection failed"), "{shown}");
}

#[tokio::test]
async fn the_connection_is_dropped_before_an_answer() {
    let shown = post_to("http", |mut stream| async move {
        request(&mut stream).await;
    })
    .await;
    assert!(shown.contains("the connection failed"), "{shown}");
}

#[tokio::test]
async fn the_answer_is_not_http() {
    let shown = post_to("http", |mut stream| async move {
        request(&mut stream).await;
        let _ = stream.write_all(b"s3cr3t-path\r\n\r\n").await;
    })
    .await;
    assert!(shown.contains("the connection failed"), "{shown}");
}

#[tokio::test]
async fn the_answer_breaks_off() {
    let shown = post_to("http", |mut stream| async move {
        request(&mut stream).await;
        let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ns3cr3t-path";
        let _ = stream.write_all(half).await;
    })
    .await;
    assert!(shown.contains("the answer could not be read"), "{shown}");
}

#[tokio::test]
async fn the_answer_has_no_end() {
    let shown = post_to("http", |mut stream| async move {
        request(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
        let _ = stream.write_all(head).await;
        let _ = stream.write_all(&vec![b'x'; 1_000_000]).await;
    })
    .await;
    assert!(shown.contains("the answer could not be read"), "{shown}");
}

// In real time: as long as the client waits.
#[tokio::test]
async fn no_answer_comes() {
    let shown = post_to("http", |mut stream| async move {
        request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    assert!(shown.contains("longer than 10 seconds"), "{shown}");
}

#[test]
fn what_is_no_address_is_not_repeated() {
    for address in [
        &format!("https:///{PATH}"),
        &format!("https://hooks.slack.example/{PATH}\u{0}x"),
        &format!("xoxb-s3cr3t {PATH}"),
        &format!("http://hooks.slack.example/{PATH}"),
    ] {
        let error = Webhook::new(address).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
        assert!(!shown.contains("hooks.slack"), "{shown}");
    }
}
