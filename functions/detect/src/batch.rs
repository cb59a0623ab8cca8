//! What Lambda hands in: an SQS batch, one EventBridge event by itself, or the schedule's word.

use std::collections::HashMap;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use lambda_runtime::Error;
use rolewatch::pipeline::{Item, Report};
use serde_json::{Value, json};

/// What one invocation is for.
pub(crate) enum Work {
    /// Events have come.
    Judge(Batch),
    /// Time has passed: something that was kept may have come due.
    Sweep,
}

/// The items of one invocation.
pub(crate) struct Batch {
    pub(crate) kind: Kind,
    pub(crate) items: Vec<Item>,
    /// When SQS took each, by its name, as SQS says it.
    pub(crate) sent: HashMap<String, String>,
}

/// How the invoker wants to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// With the names of the messages that have to come again.
    Queue,
    /// With success or failure.
    Single,
}

impl From<Value> for Work {
    fn from(payload: Value) -> Self {
        // What the schedule sends, see infra/rolewatch.yaml.
        if payload == json!({"rolewatch": "sweep"}) {
            Self::Sweep
        } else {
            Self::Judge(payload.into())
        }
    }
}

impl From<Value> for Batch {
    fn from(payload: Value) -> Self {
        if payload["Records"][0]["eventSource"] == "aws:sqs"
            && let Ok(event) = serde_json::from_value::<SqsEvent>(payload.clone())
        {
            let mut batch = Self {
                kind: Kind::Queue,
                items: Vec::new(),
                sent: HashMap::new(),
            };
            for mut message in event.records {
                let id = message.message_id.unwrap_or_default();
                if let Some(sent) = message.attributes.remove("SentTimestamp") {
                    batch.sent.insert(id.clone(), sent);
                }
                batch.items.push(Item {
                    id,
                    body: message.body.unwrap_or_default().into_bytes(),
                });
            }
            return batch;
        }
        let id = payload["id"].as_str().unwrap_or("event").to_owned();
        Self {
            kind: Kind::Single,
            items: vec![Item {
                id,
                body: payload.to_string().into_bytes(),
            }],
            sent: HashMap::new(),
        }
    }
}

impl Kind {
    pub(crate) fn answer(self, reports: &[Report]) -> Result<Value, Error> {
        let undone = reports
            .iter()
            .filter_map(|report| Some((report, report.undone.as_ref()?)));
        match self {
            Self::Queue => {
                let mut answer = SqsBatchResponse::default();
                answer.batch_item_failures = undone
                    .map(|(report, _)| {
                        let mut failure = BatchItemFailure::default();
                        failure.item_identifier.clone_from(&report.item);
                        failure
                    })
                    .collect();
                Ok(serde_json::to_value(answer)?)
            }
            Self::Single => match undone.map(|(_, why)| why).next() {
                Some(why) => Err(why.clone().into()),
                None => Ok(Value::Null),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(item: &str, undone: Option<&str>) -> Report {
        Report {
            item: item.into(),
            events: Vec::new(),
            published: 0,
            undone: undone.map(str::to_owned),
        }
    }

    #[test]
    fn a_queue_is_told_exactly_what_failed() {
        let batch = Batch::from(json!({"Records": [
            {"eventSource": "aws:sqs", "messageId": "a", "body": "{}",
                "attributes": {"SentTimestamp": "1800000000000"}},
            {"eventSource": "aws:sqs", "messageId": "b", "body": null},
        ]}));
        assert_eq!(batch.kind, Kind::Queue);
        assert_eq!(batch.items.len(), 2);
        assert_eq!(batch.sent["a"], "1800000000000");
        let answer = batch
            .kind
            .answer(&[report("a", None), report("b", Some("throttled"))]);
        assert_eq!(
            answer.unwrap(),
            json!({"batchItemFailures": [{"itemIdentifier": "b"}]})
        );
    }

    #[test]
    fn only_the_schedule_asks_for_a_sweep() {
        let word = json!({"rolewatch": "sweep"});
        assert!(matches!(Work::from(word.clone()), Work::Sweep));
        for other in [
            json!({"rolewatch": "sweep", "id": "e"}),
            json!({"Records": [{"eventSource": "aws:sqs", "messageId": "a", "body": word.to_string()}]}),
            json!({"detail": word}),
            json!("sweep"),
            Value::Null,
        ] {
            assert!(matches!(Work::from(other), Work::Judge(_)));
        }
    }

    #[test]
    fn an_event_by_itself_fails_as_a_whole() {
        let batch = Batch::from(json!({"id": "e", "detail": {}}));
        assert_eq!(
            (batch.kind, batch.items[0].id.as_str()),
            (Kind::Single, "e")
        );
        assert!(batch.kind.answer(&[report("e", None)]).is_ok());
        assert!(
            batch
                .kind
                .answer(&[report("e", Some("throttled"))])
                .is_err()
        );
    }
}
