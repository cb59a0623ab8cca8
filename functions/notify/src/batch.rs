//! The order in which a batch is posted.

use std::cmp::Reverse;

use aws_lambda_events::sqs::SqsMessage;
use rolewatch::alert::Alert;

use crate::message::{self, MessageError};

/// A message of the queue, read.
pub(crate) struct Item {
    /// Its id in the queue.
    pub(crate) id: String,
    pub(crate) alert: Result<Alert, MessageError>,
}

/// The messages, read; what weighs most is first, and what weighs the same is in the order in
/// which it came. A batch may end before its last message, where Slack asks for a pause or time
/// runs out: what waits then is what can. This is the order of one batch. The queue promises
/// none, and another batch may be posted at the same time.
pub(crate) fn most_severe_first(queued: Vec<SqsMessage>) -> Vec<Item> {
    let mut items: Vec<Item> = queued.into_iter().map(read).collect();
    items.sort_by_key(|item| Reverse(item.alert.as_ref().ok().map(|alert| alert.severity)));
    items
}

fn read(queued: SqsMessage) -> Item {
    Item {
        alert: message::alert(queued.body.as_deref().unwrap_or_default()),
        id: queued.message_id.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::body_of;

    fn queued(id: &str, body: String) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.body = Some(body);
        message
    }

    #[test]
    fn critical_is_first_and_equals_keep_their_order() {
        let batch = [
            ("a", body_of("low")),
            ("b", "not an alert".to_owned()),
            ("c", body_of("critical")),
            ("d", body_of("high")),
            ("e", body_of("critical")),
            ("f", body_of("info")),
            ("g", body_of("high")),
        ];
        let batch = batch.map(|(id, body)| queued(id, body)).to_vec();
        let items = most_severe_first(batch);
        let order: String = items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(order, "cedgafb");
    }
}
