//! One invocation: each alert to each place, once as far as is remembered. What one place does not
//! take comes again for that place alone, until its queue gives it up.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::{DateTime, Utc};
use lambda_runtime::LambdaEvent;
use rolewatch::alert::Alert;
use rolewatch::notify::Notifier;
use rolewatch::rendering::sns::received;
use rolewatch::store::Ledger;
use rolewatch::store::table::Table;
use rolewatch_aws::metric;
use serde_json::json;

/// The function, with what lives as long as its process.
pub(crate) struct Relay<T, C, B> {
    pub(crate) store: Ledger<T>,
    pub(crate) chat: Option<C>,
    pub(crate) bus: Option<B>,
}

impl<T: Table, C: Notifier, B: Notifier> Relay<T, C, B> {
    pub(crate) async fn handle(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let mut answer = SqsBatchResponse::default();
        let mut sent = Vec::new();
        for message in &event.payload.records {
            let id = message.message_id.clone().unwrap_or_default();
            let line = match self.hand_on(message, Utc::now()).await {
                Ok(finding) => {
                    json!({"level": "info", "message": "handed on an alert", "finding": finding})
                }
                Err(why) => {
                    let mut failure = BatchItemFailure::default();
                    failure.item_identifier.clone_from(&id);
                    answer.batch_item_failures.push(failure);
                    sent.push(message.attributes.get("SentTimestamp").map(String::as_str));
                    json!({"level": "error", "message": "an alert has to come again", "item": id, "why": why})
                }
            };
            println!("{line}");
        }
        let function = &event.context.env_config.function_name;
        if let Some(line) = metric::given_back(function, Utc::now(), sent) {
            println!("{line}");
        }
        answer
    }

    /// Tries every place; one that fails keeps no other from its alert. Returns the finding's id.
    async fn hand_on(&self, message: &SqsMessage, now: DateTime<Utc>) -> Result<String, String> {
        let alert = alert(message)?;
        let chat = self.tell(self.chat.as_ref(), "chat", &alert, now).await;
        let bus = self.tell(self.bus.as_ref(), "bus", &alert, now).await;
        chat?;
        bus?;
        Ok(alert.id)
    }

    async fn tell(
        &self,
        place: Option<&impl Notifier>,
        name: &str,
        alert: &Alert,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let Some(place) = place else { return Ok(()) };
        // Where memory does not answer the alert comes twice rather than never.
        if matches!(
            self.store.is_handed_on(&alert.id, name, now).await,
            Ok(true)
        ) {
            return Ok(());
        }
        let told = place.notify(alert).await;
        told.map_err(|error| format!("{name}: {error}"))?;
        // It has arrived: the queue brings it again only if this answer is lost, and then it comes
        // twice. If it were called failed, it would come each time until memory is back.
        if let Err(error) = self.store.mark_handed_on(&alert.id, name, now).await {
            let line = json!({
                "level": "error", "message": "an alert was handed on, which is not remembered",
                "finding": alert.id, "place": name, "why": error.to_string(),
            });
            println!("{line}");
        }
        Ok(())
    }
}

/// The alert in a message that SNS delivered raw: the text is the finding's JSON, with the attributes
/// beside it. No error repeats the message.
fn alert(message: &SqsMessage) -> Result<Alert, String> {
    let body = message.body.as_deref().unwrap_or_default();
    let attribute = |name: &str| {
        message
            .message_attributes
            .get(name)?
            .string_value
            .as_deref()
    };
    received(body, attribute).map_err(|_| "the message does not hold a finding".to_owned())
}

#[cfg(test)]
mod tests {
    use lambda_runtime::Context;
    use rolewatch::notify::{NotifyError, Outbox};
    use rolewatch::store::table::{Commit, Item, Key, Sorts, TableError, Write};
    use rolewatch::store::{MemoryTable, Windows};

    use super::*;

    /// Refuses for as long as it is told to.
    #[derive(Default)]
    struct Moody(std::sync::atomic::AtomicBool, Outbox);

    impl Notifier for Moody {
        async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
            if self.0.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(NotifyError::Refused("gone".into()));
            }
            self.1.notify(alert).await
        }
    }

    fn relay() -> Relay<MemoryTable, Moody, Moody> {
        Relay {
            store: Ledger::new(MemoryTable::default(), Windows::default()),
            chat: Some(Moody::default()),
            bus: Some(Moody::default()),
        }
    }

    fn event(bodies: &[&str]) -> LambdaEvent<SqsEvent> {
        let records = bodies.iter().enumerate().map(|(n, body)| {
            json!({
                "messageId": n.to_string(), "body": body,
                "messageAttributes": {"owner": {"stringValue": "#team", "dataType": "String"}},
            })
        });
        let event = json!({"Records": records.collect::<Vec<_>>()});
        LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default())
    }

    fn finding() -> String {
        json!({
            "type": "finding", "schema": "rolewatch.finding/1", "id": "59e2a0588b65d113",
            "about": "assumption", "check": "unreadable-record", "severity": "medium",
            "title": "t", "message": "m", "event": null, "rule": null, "nearest_rule": null,
            "suggestion": null,
        })
        .to_string()
    }

    fn failed(answer: &SqsBatchResponse) -> Vec<&str> {
        let failures = answer.batch_item_failures.iter();
        failures.map(|it| it.item_identifier.as_str()).collect()
    }

    fn told(place: Option<&Moody>) -> Vec<Alert> {
        place.unwrap().1.take()
    }

    #[tokio::test]
    async fn each_place_is_told_once_with_the_owner() {
        let relay = relay();
        for _ in 0..2 {
            let answer = relay.handle(event(&[&finding(), &finding()])).await;
            assert!(failed(&answer).is_empty());
        }
        let (chat, bus) = (told(relay.chat.as_ref()), told(relay.bus.as_ref()));
        assert_eq!((chat.len(), bus.len()), (1, 1));
        assert_eq!(chat[0].owner.as_deref(), Some("#team"));
    }

    /// A memory that can be read, and keeps nothing.
    struct Forgetful(MemoryTable);

    impl Table for Forgetful {
        async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, TableError> {
            self.0.read(keys, now).await
        }

        async fn commit(&self, _: &[Write], _: i64) -> Result<Commit, TableError> {
            Err(TableError("access denied".into()))
        }

        async fn list(
            &self,
            partition: &str,
            sorts: Sorts<'_>,
            limit: usize,
            now: i64,
        ) -> Result<Vec<(Key, Item)>, TableError> {
            self.0.list(partition, sorts, limit, now).await
        }
    }

    #[tokio::test]
    async fn what_arrived_does_not_come_again_for_want_of_memory() {
        let relay = Relay {
            store: Ledger::new(Forgetful(MemoryTable::default()), Windows::default()),
            chat: Some(Moody::default()),
            bus: Some(Moody::default()),
        };
        let answer = relay.handle(event(&[&finding()])).await;
        assert!(failed(&answer).is_empty());
        assert_eq!(told(relay.chat.as_ref()).len(), 1);
        assert_eq!(told(relay.bus.as_ref()).len(), 1);
    }

    #[tokio::test]
    async fn one_place_that_refuses_costs_the_other_nothing() {
        let relay = relay();
        let chat = &relay.chat.as_ref().unwrap().0;
        chat.store(true, std::sync::atomic::Ordering::Relaxed);
        for _ in 0..3 {
            let answer = relay.handle(event(&[&finding()])).await;
            assert_eq!(failed(&answer), ["0"]);
        }
        assert_eq!(told(relay.bus.as_ref()).len(), 1);
        chat.store(false, std::sync::atomic::Ordering::Relaxed);
        let answer = relay.handle(event(&[&finding()])).await;
        assert!(failed(&answer).is_empty());
        assert_eq!(told(relay.chat.as_ref()).len(), 1);
        assert!(told(relay.bus.as_ref()).is_empty());
    }

    #[tokio::test]
    async fn what_is_no_finding_fails_alone() {
        let relay = relay();
        let answer = relay.handle(event(&["hello", &finding(), "{}"])).await;
        assert_eq!(failed(&answer), ["0", "2"]);
        assert_eq!(told(relay.bus.as_ref()).len(), 1);
    }
}
