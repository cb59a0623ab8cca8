//! Alerts to a Slack incoming webhook.

use std::fmt;

use http::{Request, Response, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Bytes;
use rolewatch::alert::Alert;
use rolewatch::notify::{Notifier, NotifyError};
use rolewatch::rendering::slack::message;
use serde_json::Value;

use crate::client::Client;

/// An incoming webhook. Its address is its only secret: it is never shown.
#[derive(Clone)]
pub struct Webhook {
    client: Client,
    address: Uri,
}

/// Why an address is no webhook's. Never repeats the address.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It is not a URL.
    #[error("the Slack webhook is not a URL")]
    NotAUrl,
    /// It is not encrypted, and leaves this machine.
    #[error("the Slack webhook does not begin with https://")]
    NotHttps,
    /// The system's certificate authorities cannot be read.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] std::io::Error),
}

impl Webhook {
    /// The webhook at this address, surrounding white space not counted. Plain HTTP is for
    /// addresses of this machine only.
    ///
    /// # Errors
    /// An address that cannot be a webhook's.
    pub fn new(address: &str) -> Result<Self, WebhookError> {
        let address: Uri = address.trim().parse().map_err(|_| WebhookError::NotAUrl)?;
        let host = address.host().ok_or(WebhookError::NotAUrl)?;
        let local = matches!(host, "127.0.0.1" | "[::1]" | "localhost");
        match address.scheme_str() {
            Some("https") => {}
            Some("http") if local => {}
            _ => return Err(WebhookError::NotHttps),
        }
        Ok(Self {
            client: Client::new()?,
            address,
        })
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook")
    }
}

impl Webhook {
    /// Posts a message, such as `rolewatch::report::rendering::slack::message` makes.
    ///
    /// # Errors
    /// Slack did not take it.
    pub async fn post(&self, message: &Value) -> Result<(), NotifyError> {
        let body = Bytes::from(message.to_string());
        let request = Request::post(self.address.clone())
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Full::new(body))
            .map_err(|_| NotifyError::Refused("the request cannot be made".into()))?;
        match self.client.send(request).await {
            Ok(response) => judge(&response),
            Err(error) => Err(NotifyError::Later {
                reason: format!("Slack: {error}"),
                wait: None,
            }),
        }
    }
}

impl Notifier for Webhook {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        self.post(&message(alert)).await
    }
}

/// Slack's answer: 429 and 5xx pass, everything else but success is for good.
fn judge(response: &Response<Bytes>) -> Result<(), NotifyError> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let word: String = String::from_utf8_lossy(response.body())
        .chars()
        .filter(|c| c.is_ascii_lowercase() || *c == '_')
        .take(40)
        .collect();
    let reason = format!("Slack: {} {word}", status.as_u16());
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        let wait = response.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        return Err(NotifyError::Later { reason, wait });
    }
    Err(NotifyError::Refused(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str, retry_after: Option<&str>) -> Response<Bytes> {
        let mut response = Response::builder().status(status);
        if let Some(seconds) = retry_after {
            response = response.header("Retry-After", seconds);
        }
        response.body(Bytes::from(body)).unwrap()
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        assert!(judge(&answer(200, "ok", None)).is_ok());
        let throttled = judge(&answer(429, "rate_limited", Some("30"))).unwrap_err();
        assert!(
            matches!(throttled, NotifyError::Later { wait: Some(30), .. }),
            "{throttled}"
        );
        assert!(matches!(
            judge(&answer(503, "", None)),
            Err(NotifyError::Later { wait: None, .. })
        ));
        let gone = judge(&answer(404, "no_service", None)).unwrap_err();
        assert_eq!(gone.to_string(), "refused: Slack: 404 no_service");
        assert!(matches!(
            judge(&answer(400, "invalid_blocks", None)),
            Err(NotifyError::Refused(_))
        ));
    }

    #[test]
    fn an_address_is_encrypted_or_local_and_never_shown() {
        let secret = "https://hooks.slack.example/services/T0/B0/secret";
        let webhook = Webhook::new(&format!(" {secret}\n")).unwrap();
        assert!(!format!("{webhook:?}").contains("secret"));
        assert!(Webhook::new("http://127.0.0.1:9/x").is_ok());
        for address in [
            "http://hooks.slack.example/x",
            "hooks.slack.example",
            "",
            "ftp://x/secret",
        ] {
            let error = Webhook::new(address).unwrap_err().to_string();
            assert!(
                !error.contains("slack.example") && !error.contains("secret"),
                "{error}"
            );
        }
    }
}
