//! What Slack's answers mean: whether trying again can help, and if not, whether it is this
//! message that Slack does not take, or any.

use http::{Response, StatusCode, header};
use hyper::body::Bytes;
use rolewatch::notify::NotifyError;

/// Words of refusals with status 400 that are about the webhook and not about the message.
const OF_THE_WEBHOOK: &[&str] = &[
    "action_prohibited",
    "channel_is_archived",
    "channel_not_found",
    "invalid_token",
    "no_service",
    "no_team",
    "team_disabled",
    "user_not_found",
];

/// The answer of a webhook: 429, 408 and 5xx pass, everything else but success is for good.
pub(super) fn judge(response: &Response<Bytes>) -> Result<(), NotifyError> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let word = word(response.body());
    let reason = format!("Slack: {} {word}", status.as_u16());
    let reason = reason.trim_end().to_owned();
    if passes(status) {
        let wait = wait(response);
        return Err(NotifyError::Later { reason, wait });
    }
    let of_the_message = matches!(
        status,
        StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY
    );
    if of_the_message && !OF_THE_WEBHOOK.contains(&word.as_str()) {
        return Err(NotifyError::Unfit(reason));
    }
    Err(NotifyError::Refused(reason))
}

pub(super) fn passes(status: StatusCode) -> bool {
    let passing = [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT];
    passing.contains(&status) || status.is_server_error()
}

/// For how many seconds Slack wants to be left alone, where it says so.
pub(super) fn wait(response: &Response<Bytes>) -> Option<u64> {
    let wait = response.headers().get(header::RETRY_AFTER)?;
    wait.to_str().ok()?.trim().parse().ok()
}

/// Slack's word for it; nothing else of the answer, which somebody else may have given.
fn word(body: &[u8]) -> String {
    String::from_utf8_lossy(body)
        .chars()
        .filter(|c| c.is_ascii_lowercase() || *c == '_')
        .take(40)
        .collect()
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
        for status in [408, 500, 502, 503, 504] {
            assert!(matches!(
                judge(&answer(status, "", None)),
                Err(NotifyError::Later { wait: None, .. })
            ));
        }
        // What is no number is no wait.
        for header in ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "", "1e9"] {
            let answer = judge(&answer(429, "", Some(header)));
            assert!(matches!(answer, Err(NotifyError::Later { wait: None, .. })));
        }
    }

    #[test]
    fn a_refusal_is_of_the_message_or_of_the_webhook() {
        let gone = judge(&answer(404, "no_service", None)).unwrap_err();
        assert_eq!(gone.to_string(), "refused: Slack: 404 no_service");
        for (status, word) in [
            (403, "action_prohibited"),
            (410, "channel_is_archived"),
            (400, "user_not_found"),
            (302, ""),
        ] {
            let answer = judge(&answer(status, word, None));
            assert!(matches!(answer, Err(NotifyError::Refused(_))), "{word}");
        }
        for word in ["invalid_blocks", "invalid_payload", "no_text"] {
            let answer = judge(&answer(400, word, None));
            assert!(matches!(answer, Err(NotifyError::Unfit(_))), "{word}");
        }
    }

    #[test]
    fn nothing_of_an_answer_but_a_word_is_repeated() {
        let body = "<html>https://hooks.slack.example/services/T0/B0/s3cr3t</html>";
        let error = judge(&answer(500, body, None)).unwrap_err().to_string();
        assert!(!error.contains("://") && !error.contains("T0"), "{error}");
        assert!(error.len() < 80, "{error}");
    }
}
