//! One try to commit: the requests, and what their answers mean.

use std::fmt::Write as _;

use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use rolewatch::store::table::{Change, Expect, Item, Key, Write};

use super::DynamoTable;
use super::item::{Attributes, counter_name, encode, key_attributes};
use super::retry::{Patience, Problem, persist, token};

/// The attribute that a plain put marks its item with.
const MARK: &str = "w";

/// How a try ended, if it ended.
pub(super) enum Attempt {
    /// It happened.
    Done,
    /// It did not: somebody else was writing.
    Busy,
    /// It did not: these writes' items were not as expected.
    Unexpected(Vec<usize>),
}

/// An expectation in `DynamoDB`'s words.
struct Condition {
    text: &'static str,
    values: Attributes,
}

impl Condition {
    fn new(expect: Expect, now: i64) -> Option<Self> {
        let now = (":now".to_owned(), AttributeValue::N(now.to_string()));
        let (text, version) = match expect {
            Expect::Anything => return None,
            Expect::Absent => ("attribute_not_exists(pk) OR x <= :now", None),
            Expect::Present => (
                "attribute_exists(pk) AND (attribute_not_exists(x) OR x > :now)",
                None,
            ),
            Expect::Version(version) => (
                "n = :n AND (attribute_not_exists(x) OR x > :now)",
                Some((":n".to_owned(), AttributeValue::N(version.to_string()))),
            ),
        };
        let values = version.into_iter().chain([now]).collect();
        Some(Self { text, values })
    }
}

impl DynamoTable {
    /// Tries to do all of it, each write with an expectation that says what its effect is.
    pub(super) async fn attempt(
        &self,
        steps: &[(&Write, Expect)],
        now: i64,
    ) -> Result<Attempt, Problem> {
        if let [(write, expect)] = steps
            && let Some(item) = put(write, *expect)
        {
            return self.put(&write.key, &item, *expect, now).await;
        }
        let mut places = Vec::with_capacity(steps.len());
        let mut parts = Vec::with_capacity(steps.len());
        for (place, (write, expect)) in steps.iter().enumerate() {
            if let Some(part) = self
                .part(write, *expect, now)
                .map_err(|error| Problem::refused("TransactWriteItems", &error.to_string()))?
            {
                places.push(place);
                parts.push(part);
            }
        }
        if parts.is_empty() {
            return Ok(Attempt::Done);
        }
        let call = self.client.transact_write_items();
        let call = call
            .set_transact_items(Some(parts))
            .client_request_token(token());
        let send = || call.clone().send();
        // The token makes a repetition of what happened a success, whether its answer was lost or
        // not: a failed condition is always somebody else's doing.
        let verdict = |error: &TransactWriteItemsError, _| match error {
            TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                Some(verdict(cancelled.cancellation_reasons(), &places))
            }
            _ => None,
        };
        persist("TransactWriteItems", Patience::new(), send, verdict).await
    }

    /// A put alone. It has no token of `DynamoDB`'s, so the item bears one: a repetition that finds
    /// it knows that the first time, whose answer was lost, was a success.
    async fn put(
        &self,
        key: &Key,
        item: &Item,
        expect: Expect,
        now: i64,
    ) -> Result<Attempt, Problem> {
        let mark = AttributeValue::S(token());
        let condition = Condition::new(expect, now);
        let call = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(encode(key, item)))
            .item(MARK, mark.clone())
            .set_condition_expression(condition.as_ref().map(|it| it.text.to_owned()))
            .set_expression_attribute_values(condition.map(|it| it.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        // Every repetition is one of ours, so that we know whether an answer was lost before.
        let send = || {
            let config = Config::builder().retry_config(RetryConfig::disabled());
            call.clone().customize().config_override(config).send()
        };
        let verdict = |error: &PutItemError, lost| {
            let PutItemError::ConditionalCheckFailedException(failed) = error else {
                return None;
            };
            let found = failed.item().and_then(|item| item.get(MARK));
            Some(if found == Some(&mark) {
                Ok(Attempt::Done)
            } else if lost {
                // It may have been ours, and replaced since.
                Err(Problem::refused("PutItem", "an answer was lost"))
            } else {
                Ok(Attempt::Unexpected(vec![0]))
            })
        };
        persist("PutItem", Patience::new(), send, verdict).await
    }

    /// One item's part of a transaction; none if nothing is asked of it.
    fn part(
        &self,
        write: &Write,
        expect: Expect,
        now: i64,
    ) -> Result<Option<TransactWriteItem>, BuildError> {
        let condition = Condition::new(expect, now);
        let text = condition.as_ref().map(|it| it.text.to_owned());
        let values = condition.map(|it| it.values);
        let part = TransactWriteItem::builder();
        let key = Some(key_attributes(&write.key));
        let part = match (&write.change, expect) {
            (Change::Put { .. }, _) => {
                let item = put(write, expect).map(|item| encode(&write.key, &item));
                let put = Put::builder().table_name(&self.name).set_item(item);
                let put = put
                    .set_condition_expression(text)
                    .set_expression_attribute_values(values);
                part.put(put.build()?)
            }
            (Change::Delete, _) => {
                let delete = Delete::builder().table_name(&self.name).set_key(key);
                let delete = delete
                    .set_condition_expression(text)
                    .set_expression_attribute_values(values);
                part.delete(delete.build()?)
            }
            (Change::Add(counters), Expect::Present | Expect::Version(_))
                if !counters.is_empty() =>
            {
                let mut update = Update::builder().table_name(&self.name).set_key(key);
                let mut add = String::from("ADD ");
                update = update
                    .set_condition_expression(text)
                    .set_expression_attribute_values(values);
                for (i, (name, count)) in counters.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    // Writing to a string cannot fail.
                    let _ = write!(add, "{comma}#{i} :{i}");
                    update = update
                        .expression_attribute_names(format!("#{i}"), counter_name(name))
                        .expression_attribute_values(
                            format!(":{i}"),
                            AttributeValue::N(count.to_string()),
                        );
                }
                part.update(update.update_expression(add).build()?)
            }
            (Change::Keep | Change::Add(_), Expect::Anything) => return Ok(None),
            (Change::Keep | Change::Add(_), _) => {
                let check = ConditionCheck::builder().table_name(&self.name);
                let check = check
                    .set_key(key)
                    .set_condition_expression(text)
                    .set_expression_attribute_values(values);
                part.condition_check(check.build()?)
            }
        };
        Ok(Some(part.build()))
    }
}

/// What a put makes of its item; none for other writes.
fn put(write: &Write, expect: Expect) -> Option<Item> {
    let Change::Put {
        value,
        counters,
        expires,
    } = &write.change
    else {
        return None;
    };
    let old = match expect {
        Expect::Version(version) => version,
        _ => 0,
    };
    Some(Item {
        value: value.clone(),
        counters: counters.clone(),
        version: old.saturating_add(1),
        expires: *expires,
    })
}

/// Why a transaction was cancelled: a reason for each part, the one at fault among them.
fn verdict(reasons: &[CancellationReason], places: &[usize]) -> Result<Attempt, Problem> {
    let codes = || reasons.iter().filter_map(CancellationReason::code);
    let parts = places.iter().zip(reasons);
    let failed: Vec<usize> = parts
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(place, _)| *place)
        .collect();
    if !failed.is_empty() {
        return Ok(Attempt::Unexpected(failed));
    }
    let worst = codes()
        .filter(|code| *code != "None")
        .map(|code| Problem::coded("TransactWriteItems", code));
    let worst = worst.max_by_key(|problem| problem.trouble);
    Err(worst.unwrap_or_else(|| Problem::refused("TransactWriteItems", "no reason given")))
}
