//! What a function URL hands in, as far as it is of use.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// A body may be so large. Slack sends the whole message with what was pressed: its blocks, escaped
/// twice, are a tenth of this.
const LARGEST_BODY: usize = 512 * 1024;

/// A request, not trusted in any way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) timestamp: Option<String>,
    pub(crate) signature: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Why it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("it is not a request")]
    Unreadable,
    #[error("it is not a POST")]
    Method,
    #[error("it is too large")]
    TooLarge,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionUrl {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: Context,
}

#[derive(Deserialize)]
struct Context {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

impl Request {
    pub(crate) fn read(payload: Value) -> Result<Self, RequestError> {
        let url: FunctionUrl =
            serde_json::from_value(payload).map_err(|_| RequestError::Unreadable)?;
        if url.request_context.http.method != "POST" {
            return Err(RequestError::Method);
        }
        let header = |name: &str| {
            let mut all = url.headers.iter();
            let found = all.find(|(it, _)| it.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        Ok(Self {
            timestamp: header("x-slack-request-timestamp"),
            signature: header("x-slack-signature"),
            body: body(url.body.unwrap_or_default(), url.is_base64_encoded)?,
        })
    }
}

/// Lambda encodes bodies of forms.
fn body(text: String, encoded: bool) -> Result<Vec<u8>, RequestError> {
    if text.len() > LARGEST_BODY / 3 * 4 {
        return Err(RequestError::TooLarge);
    }
    let body = if encoded {
        let decoded = BASE64_STANDARD.decode(text);
        decoded.map_err(|_| RequestError::Unreadable)?
    } else {
        text.into_bytes()
    };
    if body.len() > LARGEST_BODY {
        return Err(RequestError::TooLarge);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(body: &str, encoded: bool) -> Value {
        json!({
            "version": "2.0",
            "headers": {"X-Slack-Signature": "v0=a", "x-slack-request-timestamp": "1"},
            "requestContext": {"http": {"method": "POST", "path": "/"}},
            "body": body, "isBase64Encoded": encoded,
        })
    }

    #[test]
    fn a_form_is_decoded() {
        for (body, encoded) in [("payload=x", false), ("cGF5bG9hZD14", true)] {
            let request = Request::read(request(body, encoded)).unwrap();
            assert_eq!(request.body, b"payload=x");
            assert_eq!(request.signature.as_deref(), Some("v0=a"));
            assert_eq!(request.timestamp.as_deref(), Some("1"));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let mut get = request("", false);
        get["requestContext"]["http"]["method"] = "GET".into();
        assert_eq!(Request::read(get), Err(RequestError::Method));
        for payload in [
            json!(null),
            json!({}),
            json!([]),
            json!({"Records": []}),
            request("!", true),
        ] {
            assert_eq!(Request::read(payload), Err(RequestError::Unreadable));
        }
        let large = "A".repeat(LARGEST_BODY + 1);
        assert_eq!(
            Request::read(request(&large, false)),
            Err(RequestError::TooLarge)
        );
        let huge = "A".repeat(LARGEST_BODY * 4);
        assert_eq!(
            Request::read(request(&huge, true)),
            Err(RequestError::TooLarge)
        );
    }
}
