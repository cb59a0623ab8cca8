//! The answer that people see, posted to the address that came with what was pressed.

use std::time::Duration;

use http::Uri;
use rolewatch_http::slack::Webhook;
use serde_json::Value;

/// Slack shows an error where the function takes longer than three seconds in all; what was done stays
/// done.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Where Slack and `GovSlack` have their answers posted to, and nobody else is.
const HOSTS: &[&str] = &["hooks.slack.com", "hooks.slack-gov.com"];

/// Says something to whoever pressed.
pub(crate) trait Reply {
    /// Posts a message; says why it could not, without the address.
    async fn send(&self, address: &str, message: &Value) -> Result<(), String>;
}

/// By Slack's `response_url`.
pub(crate) struct ResponseUrl;

impl Reply for ResponseUrl {
    async fn send(&self, address: &str, message: &Value) -> Result<(), String> {
        if !is_slacks(address) {
            return Err("the address of the answer is not Slack's".into());
        }
        let webhook = Webhook::new(address).map_err(|error| error.to_string())?;
        match tokio::time::timeout(PATIENCE, webhook.post(message)).await {
            Ok(posted) => posted.map_err(|error| error.to_string()),
            Err(_) => Err("Slack did not take the answer in time".into()),
        }
    }
}

fn is_slacks(address: &str) -> bool {
    let Ok(address) = address.parse::<Uri>() else {
        return false;
    };
    let authority = address.authority().map(http::uri::Authority::as_str);
    address.scheme_str() == Some("https") && authority.is_some_and(|it| HOSTS.contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slack_is_answered() {
        assert!(is_slacks("https://hooks.slack.com/actions/T1/2/x"));
        assert!(is_slacks("https://hooks.slack-gov.com/actions/T1/2/x"));
        for address in [
            "http://hooks.slack.com/actions/T1/2/x",
            "https://hooks.slack.com:8443/actions/T1/2/x",
            "https://user@hooks.slack.com/actions",
            "https://hooks.slack.com@evil.example/",
            "https://hooks.slack.com.evil.example/",
            "https://evil.example/hooks.slack.com",
            "https://evil.example/#hooks.slack.com",
            "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
            "http://169.254.169.254/",
            "/actions",
            "",
        ] {
            assert!(!is_slacks(address), "{address}");
        }
    }

    #[tokio::test]
    async fn another_address_is_not_asked() {
        let answer = ResponseUrl.send("http://127.0.0.1:1/x", &Value::Null).await;
        assert_eq!(
            answer.unwrap_err(),
            "the address of the answer is not Slack's"
        );
    }
}
