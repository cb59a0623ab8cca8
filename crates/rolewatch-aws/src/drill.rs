//! A drill onto the account's bus.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use rolewatch::upkeep::{DRILL_DETAIL_TYPE, DRILL_SOURCE, Drill};

/// Why a drill was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The caller may not.
    #[error(
        "the caller may not send it: events:PutEvents on the bus `{0}`, for the source {DRILL_SOURCE}, is missing"
    )]
    Denied(String),
    /// EventBridge did not take it.
    #[error("EventBridge did not take it: {0}")]
    Refused(String),
}

/// Sends a drill.
///
/// # Errors
/// It was not taken.
pub async fn send(config: &SdkConfig, bus: &str, drill: &Drill) -> Result<(), SendError> {
    let detail =
        serde_json::to_string(drill).map_err(|error| SendError::Refused(error.to_string()))?;
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source(DRILL_SOURCE)
        .detail_type(DRILL_DETAIL_TYPE)
        .detail(detail)
        .build();
    let call = Client::new(config).put_events().entries(entry).send().await;
    let answer = call.map_err(|error| match error.code() {
        Some(code) if code.starts_with("AccessDenied") => SendError::Denied(bus.to_owned()),
        _ => SendError::Refused(DisplayErrorContext(error).to_string()),
    })?;
    let mut failed = answer.entries().iter();
    let failed = failed.find_map(|entry| Some((entry.error_code()?, entry.error_message())));
    match failed {
        None => Ok(()),
        Some((code, why)) => Err(SendError::Refused(format!(
            "{code}: {}",
            why.unwrap_or("it says no more")
        ))),
    }
}
