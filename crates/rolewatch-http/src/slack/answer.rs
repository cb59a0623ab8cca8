//! What Slack's answers mean: whether trying again can help, and if not, whether it is this
//! message that Slack does not take, or any.

use http::{Response, StatusCode, header};
use hyper::body::Bytes;
use rolewatch::notify::NotifyError;
use rolewatch::store::Spot;
use serde_json::Value;

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

/// Words of a method that say that it may work later.
const PASSING: &[&str] = &[
    "external_channel_migrating",
    "fatal_error",
    "internal_error",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
    "update_failed",
];
/// Words of a method that are about this message, or about the thread that it is for. All others
/// are about the channel or the token.
const OF_THE_MESSAGE: &[&str] = &[
    "block_mismatch",
    "cannot_reply_to_message",
    "cant_broadcast_message",
    "cant_update_message",
    "edit_window_closed",
    "invalid_arg_name",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_charset",
    "invalid_form_data",
    "invalid_json",
    "invalid_post_type",
    "json_not_object",
    "message_not_found",
    "missing_post_type",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "restricted_action_non_threadable_channel",
    "thread_not_found",
    "too_many_attachments",
];

/// The answer of a method: where the message is. What is refused is said with status 200.
pub(super) fn of_method(response: &Response<Bytes>) -> Result<Option<Spot>, NotifyError> {
    let status = response.status();
    let later = |reason: String| {
        let wait = wait(response);
        Err(NotifyError::Later { reason, wait })
    };
    let said: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    if passes(status) {
        return later(format!("Slack: {}", status.as_u16()));
    }
    if !status.is_success() {
        let reason = format!("Slack: {}", status.as_u16());
        return Err(NotifyError::Refused(reason));
    }
    let text = |name: &str| said[name].as_str();
    match said["ok"].as_bool() {
        // Somebody in between says it, or half of an answer came.
        None => later("Slack: what came is no answer of its".to_owned()),
        Some(true) => {
            let spot = text("channel").zip(text("ts"));
            Ok(spot.map(|(channel, ts)| Spot {
                channel: channel.to_owned(),
                ts: ts.to_owned(),
            }))
        }
        Some(false) => {
            let word = word(text("error").unwrap_or_default().as_bytes());
            let reason = format!("Slack: {word}");
            match word.as_str() {
                word if PASSING.contains(&word) => later(reason),
                word if OF_THE_MESSAGE.contains(&word) => Err(NotifyError::Unfit(reason)),
                _ => Err(NotifyError::Refused(reason)),
            }
        }
    }
}

/// The answer of a webhook: 429, 408 and 5xx pass, everything else but success is for good.
pub(super) fn of_webhook(response: &Response<Bytes>) -> Result<(), NotifyError> {
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

    fn answer(status: u16, body: impl Into<Bytes>, retry_after: Option<&str>) -> Response<Bytes> {
        let mut response = Response::builder().status(status);
        if let Some(seconds) = retry_after {
            response = response.header("Retry-After", seconds);
        }
        response.body(body.into()).unwrap()
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        assert!(of_webhook(&answer(200, "ok", None)).is_ok());
        let throttled = of_webhook(&answer(429, "rate_limited", Some("30"))).unwrap_err();
        assert!(
            matches!(throttled, NotifyError::Later { wait: Some(30), .. }),
            "{throttled}"
        );
        for status in [408, 500, 502, 503, 504] {
            assert!(matches!(
                of_webhook(&answer(status, "", None)),
                Err(NotifyError::Later { wait: None, .. })
            ));
        }
        // What is no number is no wait.
        for header in ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "", "1e9"] {
            let answer = of_webhook(&answer(429, "", Some(header)));
            assert!(matches!(answer, Err(NotifyError::Later { wait: None, .. })));
        }
    }

    #[test]
    fn a_refusal_is_of_the_message_or_of_the_webhook() {
        let gone = of_webhook(&answer(404, "no_service", None)).unwrap_err();
        assert_eq!(gone.to_string(), "refused: Slack: 404 no_service");
        for (status, word) in [
            (403, "action_prohibited"),
            (410, "channel_is_archived"),
            (400, "user_not_found"),
            (302, ""),
        ] {
            let answer = of_webhook(&answer(status, word, None));
            assert!(matches!(answer, Err(NotifyError::Refused(_))), "{word}");
        }
        for word in ["invalid_blocks", "invalid_payload", "no_text"] {
            let answer = of_webhook(&answer(400, word, None));
            assert!(matches!(answer, Err(NotifyError::Unfit(_))), "{word}");
        }
    }

    #[test]
    fn a_method_says_where_the_message_is_or_why_it_is_not() {
        let posted = r#"{"ok": true, "channel": "C1H9RESGL", "ts": "1503435956.000247", "message": {"text": "x"}}"#;
        let spot = of_method(&answer(200, posted, None)).unwrap().unwrap();
        assert_eq!(
            (spot.channel.as_str(), spot.ts.as_str()),
            ("C1H9RESGL", "1503435956.000247")
        );
        assert!(matches!(
            of_method(&answer(200, r#"{"ok": true}"#, None)),
            Ok(None)
        ));
        let refused = |word: &str| {
            let body = format!(r#"{{"ok": false, "error": "{word}"}}"#);
            of_method(&answer(200, body, Some("7"))).unwrap_err()
        };
        for word in [
            "ratelimited",
            "rate_limited",
            "internal_error",
            "fatal_error",
            "service_unavailable",
        ] {
            let error = refused(word);
            assert!(
                matches!(error, NotifyError::Later { wait: Some(7), .. }),
                "{word}"
            );
        }
        for word in [
            "invalid_blocks",
            "msg_too_long",
            "no_text",
            "thread_not_found",
        ] {
            assert!(matches!(refused(word), NotifyError::Unfit(_)), "{word}");
        }
        for word in [
            "channel_not_found",
            "not_in_channel",
            "is_archived",
            "invalid_auth",
            "token_revoked",
            "missing_scope",
            "restricted_action",
            "a_word_of_tomorrow",
        ] {
            let error = refused(word);
            assert!(matches!(error, NotifyError::Refused(_)), "{word}");
            assert!(error.to_string().ends_with(word), "{error}");
        }
        let throttled = of_method(&answer(
            429,
            r#"{"ok": false, "error": "ratelimited"}"#,
            Some("30"),
        ));
        assert!(matches!(
            throttled,
            Err(NotifyError::Later { wait: Some(30), .. })
        ));
        for body in ["", "<html>s3cr3t</html>", r#"{"ok": "#, "[]"] {
            let error = of_method(&answer(200, body, None)).unwrap_err();
            assert!(
                matches!(error, NotifyError::Later { wait: None, .. }),
                "{body}"
            );
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
        }
        assert!(matches!(
            of_method(&answer(403, "", None)),
            Err(NotifyError::Refused(_))
        ));
    }

    #[test]
    fn nothing_of_an_answer_but_a_word_is_repeated() {
        let body = "<html>https://hooks.slack.example/services/T0/B0/s3cr3t</html>";
        let error = of_webhook(&answer(500, body, None))
            .unwrap_err()
            .to_string();
        assert!(!error.contains("://") && !error.contains("T0"), "{error}");
        assert!(error.len() < 80, "{error}");
    }
}
