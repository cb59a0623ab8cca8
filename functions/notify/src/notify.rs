//! One invocation: a batch of the queue is delivered, and what becomes of each message done.

use aws_config::SdkConfig;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::Utc;
use lambda_runtime::LambdaEvent;
use rolewatch::dispatch::{Dispatcher, Fate, Letter, Outcome, Trouble};
use rolewatch::rendering::sns::Publication;
use rolewatch::store::{Ledger, Windows};
use rolewatch_aws::alert_queue::AlertQueue;
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::metric;
use rolewatch_aws::settings::NotifySettings;
use rolewatch_aws::sns::Topic;
use serde_json::{Value, json};

use crate::clock::{SystemClock, end};
use crate::message;
use crate::secrets::{Found, Secrets};

/// The function, with what lives as long as its process.
pub(crate) struct Notify {
    ledger: Ledger<DynamoTable>,
    queue: AlertQueue,
    operations: Topic,
    secrets: Secrets,
    settings: NotifySettings,
    config: SdkConfig,
}

impl Notify {
    pub(crate) fn new(settings: NotifySettings, config: SdkConfig) -> Self {
        let table = DynamoTable::new(&config, settings.table.clone());
        Self {
            ledger: Ledger::new(table, Windows::default()),
            queue: AlertQueue::new(&config, &settings.queue_url, &settings.dead_letters_url),
            operations: Topic::new(&config, &settings.operations_topic_arn),
            secrets: Secrets::default(),
            settings,
            config,
        }
    }

    /// Answers with what has to come again.
    pub(crate) async fn handle(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let queued = event.payload.records;
        let letters: Vec<Letter> = queued.iter().map(message::letter).collect();
        let found = self.secrets.find(&self.settings, &self.config).await;
        let outcome = match &found {
            Ok(found) => {
                let dispatcher = Dispatcher {
                    ledger: &self.ledger,
                    slack: &*found.workspace,
                    clock: &SystemClock,
                    mentions: &self.settings.slack_mentions,
                    buttons: self
                        .settings
                        .slack_bot
                        .as_ref()
                        .and_then(|it| it.buttons.as_deref()),
                };
                dispatcher.deliver(&letters, end(&event.context)).await
            }
            Err(why) => Outcome::without_slack(&self.ledger, &letters, why, Utc::now()).await,
        };
        if let Ok(Found {
            lacking: Some(why), ..
        }) = &found
            && let Some(trouble) = Trouble::lacking(why)
                .if_news(&self.ledger, Utc::now())
                .await
        {
            self.tell(&trouble).await;
        }
        for failure in &outcome.failures {
            log(
                "error",
                "what is beside an alert failed",
                json!({"why": failure}),
            );
        }
        if outcome.refused {
            self.secrets.forget().await;
        }
        for trouble in &outcome.troubles {
            self.tell(trouble).await;
        }
        let answer = self.settle(&queued, &letters, &outcome.fates).await;
        let function = &event.context.env_config.function_name;
        if let Some(line) = given_back(&queued, &answer, function) {
            println!("{line}");
        }
        answer
    }

    /// Tells whoever looks after rolewatch. A trouble that could not be told is told by the next.
    async fn tell(&self, trouble: &Trouble) {
        let text = trouble.text();
        log("error", "somebody has to look", json!({"what": text}));
        let publication = Publication {
            subject: trouble.subject(),
            message: json!({"default": text}).to_string(),
            attributes: Vec::new(),
        };
        if let Err(error) = self.operations.publish(publication).await {
            let why = error.to_string();
            log(
                "error",
                "the operations topic did not take it",
                json!({"why": why}),
            );
            let _ = self.ledger.unsaid(&trouble.key(), Utc::now()).await;
        }
    }

    async fn settle(
        &self,
        queued: &[SqsMessage],
        letters: &[Letter],
        fates: &[Fate],
    ) -> SqsBatchResponse {
        let mut answer = SqsBatchResponse::default();
        let mut waits = Vec::new();
        for ((queued, letter), fate) in queued.iter().zip(letters).zip(fates) {
            log_fate(queued, letter, fate);
            let done = match fate {
                Fate::Posted { .. } | Fate::Known => true,
                Fate::Held { seconds, .. } => {
                    let receipt = queued.receipt_handle.clone().unwrap_or_default();
                    waits.push((receipt, *seconds));
                    false
                }
                Fate::Parked { why } => self.park(queued, why).await,
            };
            if !done {
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = queued.message_id.clone().unwrap_or_default();
                answer.batch_item_failures.push(failure);
            }
        }
        if let Err(error) = self.queue.hold(&waits).await {
            let why = error.to_string();
            log(
                "error",
                "alerts come again when the queue says",
                json!({"why": why}),
            );
        }
        answer
    }

    /// Whether it is among the dead letters; else it stays where it is.
    async fn park(&self, queued: &SqsMessage, why: &str) -> bool {
        let body = queued.body.as_deref().unwrap_or_default();
        let parked = self.queue.park(body, why).await;
        if let Err(error) = &parked {
            let why = error.to_string();
            log(
                "error",
                "a dead letter could not be put there",
                json!({"why": why}),
            );
        }
        parked.is_ok()
    }
}

/// How old the oldest alert is that has to come again.
fn given_back(queued: &[SqsMessage], answer: &SqsBatchResponse, function: &str) -> Option<Value> {
    let failures = &answer.batch_item_failures;
    let sent = failures.iter().map(|failure| {
        let is_it = |it: &&SqsMessage| it.message_id.as_ref() == Some(&failure.item_identifier);
        let message = queued.iter().find(is_it)?;
        message.attributes.get("SentTimestamp").map(String::as_str)
    });
    metric::given_back(function, Utc::now(), sent)
}

fn log_fate(queued: &SqsMessage, letter: &Letter, fate: &Fate) {
    let alert = letter.alert.as_ref().ok();
    let finding = alert.map(|alert| alert.id.as_str());
    let check = alert.map(|alert| alert.check.as_str());
    let item = queued.message_id.as_deref();
    let (level, message, more) = match fate {
        Fate::Posted { place, together } => (
            "info",
            "delivered an alert",
            json!({"place": place, "together": together}),
        ),
        Fate::Known => ("info", "an alert was delivered before", json!({})),
        Fate::Held { seconds, why } => (
            "warn",
            "an alert has to come again",
            json!({"seconds": seconds, "why": why, "receives": letter.receives}),
        ),
        Fate::Parked { why } => (
            "error",
            "an alert is put among the dead letters",
            json!({"why": why}),
        ),
    };
    let mut fields = json!({"finding": finding, "check": check, "item": item});
    if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
        fields.extend(more);
    }
    log(level, message, fields);
}

fn log(level: &str, message: &str, mut fields: Value) {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("level".into(), level.into());
        fields.insert("message".into(), message.into());
    }
    println!("{fields}");
}
