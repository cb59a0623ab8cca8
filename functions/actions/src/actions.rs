//! One request: whose it is, whether it is new, what was pressed, what came of it.

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::rendering::slack::snooze::{LASTS, not_snoozed, snoozed};
use rolewatch::store::table::Table;
use rolewatch::store::{Ledger, SnoozeRequest, StoreError};
use serde_json::{Value, json};

use crate::interaction::{Pressed, pressed};
use crate::reply::Reply;
use crate::request::{Request, RequestError};
use crate::signature::{SignatureError, SigningSecret, WINDOW};

/// What a snooze by button says: who pressed it knows why.
const REASON: &str = "by the button in Slack";

/// The function, with what lives as long as its process.
pub(crate) struct Actions<T, R> {
    pub(crate) store: Ledger<T>,
    pub(crate) secret: SigningSecret,
    pub(crate) reply: R,
}

/// Why a request came to nothing. Never holds any of it.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("refused: {0}")]
    Request(#[from] RequestError),
    #[error("refused: {0}")]
    Signature(#[from] SignatureError),
    #[error("refused: it came before")]
    Replayed,
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl Refused {
    fn status(&self) -> u16 {
        match self {
            Self::Request(RequestError::Unreadable) => 400,
            Self::Request(RequestError::Method) => 405,
            Self::Request(RequestError::TooLarge) => 413,
            Self::Signature(_) => 401,
            Self::Replayed => 409,
            Self::Store(_) => 500,
        }
    }
}

impl<T: Table, R: Reply> Actions<T, R> {
    /// Answers a request of the function URL. A refusal says nothing to whoever asks.
    pub(crate) async fn handle(&self, payload: Value) -> Value {
        let (status, line) = match self.act(payload, Utc::now()).await {
            Ok(line) => (200, line),
            Err(refused) => {
                let level = if refused.status() == 500 {
                    "error"
                } else {
                    "warning"
                };
                let line = json!({"level": level, "message": refused.to_string()});
                (refused.status(), line)
            }
        };
        println!("{line}");
        json!({"statusCode": status, "headers": {"content-type": "text/plain"}, "body": ""})
    }

    /// Returns the line of the log.
    async fn act(&self, payload: Value, now: DateTime<Utc>) -> Result<Value, Refused> {
        let request = Request::read(payload)?;
        let (timestamp, signature) = (request.timestamp.as_deref(), request.signature.as_deref());
        self.secret
            .verify(timestamp, signature, &request.body, now)?;
        let Some(pressed) = pressed(&request.body) else {
            return Ok(json!({"level": "info", "message": "nothing of ours was pressed"}));
        };
        // Beyond it the timestamp refuses it.
        let life = TimeDelta::seconds(2 * WINDOW + 60);
        let once = format!("request {}", signature.unwrap_or_default());
        if !self.store.is_first(&once, life, now).await? {
            return Err(Refused::Replayed);
        }
        self.snooze(&pressed, now).await
    }

    async fn snooze(&self, pressed: &Pressed, now: DateTime<Utc>) -> Result<Value, Refused> {
        let request = SnoozeRequest {
            finding: &pressed.finding,
            by: &pressed.by,
            reason: REASON,
            lasts: LASTS,
        };
        let outcome = self.store.snooze(request, now).await?;
        let answer = match &outcome {
            Ok(made) => snoozed(made, pressed.thread.as_deref()),
            Err(refused) => not_snoozed(*refused),
        };
        let reply = self.answer(pressed, &answer).await;
        Ok(json!({
            "level": if reply.is_ok() { "info" } else { "error" },
            "message": if outcome.is_ok() { "snoozed by button" } else { "not snoozed by button" },
            "finding": pressed.finding,
            "snooze": outcome.as_ref().ok().map(|made| &made.id),
            "why": outcome.as_ref().err().map(ToString::to_string),
            "answer": reply.err(),
        }))
    }

    /// What was done is done, whether Slack takes the answer or not.
    async fn answer(&self, pressed: &Pressed, message: &Value) -> Result<(), String> {
        match &pressed.response_url {
            Some(address) => self.reply.send(address, message).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
