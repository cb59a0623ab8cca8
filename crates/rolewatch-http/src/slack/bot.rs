//! Messages by a bot: into any channel that it is in, into threads, and changed later.

use std::fmt;

use http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper::body::Bytes;
use rolewatch::notify::NotifyError;
use rolewatch::store::Spot;
use serde_json::Value;

use super::answer;
use super::{AddressError, address};
use crate::client::Client;

/// A bot of a workspace. Its token is its secret: it is never shown.
#[derive(Clone)]
pub struct Bot {
    client: Client,
    post: Uri,
    update: Uri,
    authorization: HeaderValue,
}

impl Bot {
    /// The bot with this token, surrounding white space not counted, at this address of Slack's
    /// Web API, such as `https://slack.com/api`.
    ///
    /// # Errors
    /// What cannot be a bot's token, or an address.
    pub fn new(token: &str, api: &str) -> Result<Self, AddressError> {
        let token = token.trim();
        let is_token = token.starts_with("xox") && token.bytes().all(|b| b.is_ascii_graphic());
        let authorization = HeaderValue::try_from(format!("Bearer {token}"));
        let mut authorization = authorization.map_err(|_| AddressError::NotAToken)?;
        if !is_token {
            return Err(AddressError::NotAToken);
        }
        authorization.set_sensitive(true);
        let method = |name: &str| address(&format!("{}/{name}", api.trim_end_matches('/')));
        Ok(Self {
            client: Client::new()?,
            post: method("chat.postMessage")?,
            update: method("chat.update")?,
            authorization,
        })
    }

    /// Posts a message into a channel, or into the thread that it names. Answers where it is.
    ///
    /// # Errors
    /// It was not taken; the error says whether trying again can help.
    pub async fn post(&self, channel: &str, message: &Value) -> Result<Option<Spot>, NotifyError> {
        let mut message = message.clone();
        message["channel"] = channel.into();
        // Our links lead to pages that need a login: a preview of that is of no use.
        message["unfurl_links"] = false.into();
        self.call(&self.post, &message).await
    }

    /// Changes a message.
    ///
    /// # Errors
    /// It was not changed; the error says whether trying again can help.
    pub async fn update(&self, spot: &Spot, message: &Value) -> Result<(), NotifyError> {
        let mut message = message.clone();
        message["channel"] = spot.channel.as_str().into();
        message["ts"] = spot.ts.as_str().into();
        self.call(&self.update, &message).await.map(|_| ())
    }

    async fn call(&self, method: &Uri, message: &Value) -> Result<Option<Spot>, NotifyError> {
        let body = Bytes::from(message.to_string());
        let request = Request::post(method.clone())
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::AUTHORIZATION, self.authorization.clone())
            .body(Full::new(body))
            .map_err(|_| NotifyError::Refused("the request cannot be made".into()))?;
        match self.client.send(request).await {
            Ok(response) => answer::of_method(&response),
            Err(error) => Err(NotifyError::Later {
                reason: format!("Slack: {error}"),
                wait: None,
            }),
        }
    }
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bot")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_bots_and_never_shown() {
        let bot = Bot::new(" xoxb-1-s3cr3t\n", "https://slack.com/api/").unwrap();
        assert_eq!(bot.post, "https://slack.com/api/chat.postMessage");
        let shown = format!("{bot:?} {:?}", bot.authorization);
        assert!(!shown.contains("s3cr3t"), "{shown}");
        for token in [
            "",
            "https://hooks.slack.com/services/T0/B0/s3cr3t",
            "xoxb-s3cr3t\r\nX-Other: 1",
            "xoxb-s3cr3t ü",
        ] {
            let error = Bot::new(token, "https://slack.com/api").unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("s3cr3t"), "{shown}");
        }
        assert!(Bot::new("xoxb-1", "http://slack.com/api").is_err());
    }
}
