//! Messages to Slack.

mod answer;
mod bot;
mod workspace;

use std::fmt;

use http::{Request, Uri, header};
use http_body_util::Full;
use hyper::body::Bytes;
use rolewatch::notify::NotifyError;
use serde_json::Value;

pub use self::bot::Bot;
pub use self::workspace::{Addresses, BotAddress, Workspace, WorkspaceError};
use crate::client::{Client, is_safe};

/// An incoming webhook. Its address is its only secret: it is never shown.
#[derive(Clone)]
pub struct Webhook {
    client: Client,
    address: Uri,
}

/// Why something is nothing of Slack's. Never repeats it.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It is not a URL.
    #[error("the Slack webhook is not a URL")]
    NotAUrl,
    /// It is not encrypted, and leaves this machine.
    #[error("the Slack webhook does not begin with https://")]
    NotHttps,
    /// It is no token of a bot's.
    #[error("the Slack token is not a bot's (xoxb-…)")]
    NotAToken,
    /// It is no channel.
    #[error("it is neither #name nor the id of a channel (C…)")]
    NotAChannel,
    /// It is a channel, and only a bot can post there.
    #[error("a channel needs a bot's token; without one it has to be the URL of a webhook")]
    NoBot,
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
    pub fn new(text: &str) -> Result<Self, AddressError> {
        Ok(Self {
            address: address(text)?,
            client: Client::new()?,
        })
    }
}

fn address(text: &str) -> Result<Uri, AddressError> {
    let address: Uri = text.trim().parse().map_err(|_| AddressError::NotAUrl)?;
    address.host().ok_or(AddressError::NotAUrl)?;
    if is_safe(&address) {
        Ok(address)
    } else {
        Err(AddressError::NotHttps)
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook")
    }
}

impl Webhook {
    /// Posts a message: a payload of Slack's.
    ///
    /// # Errors
    /// It was not taken; the error says whether trying again can help.
    pub async fn post(&self, message: &Value) -> Result<(), NotifyError> {
        let body = Bytes::from(message.to_string());
        let request = Request::post(self.address.clone())
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Full::new(body))
            .map_err(|_| NotifyError::Refused("the request cannot be made".into()))?;
        match self.client.send(request).await {
            Ok(response) => answer::of_webhook(&response),
            Err(error) => Err(NotifyError::Later {
                reason: format!("Slack: {error}"),
                wait: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
