//! The items of a [`Table`] in a `DynamoDB` table.
//!
//! A commit is one transaction, whose token makes its retries count once; a commit that is one
//! [`Change::Put`] is a plain `PutItem`, at half the price, which marks the item to know it again.
//! Reading is always consistent, and nothing is ever scanned.

mod item;
mod rest;
mod retry;
mod write;

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use rolewatch::store::table::{Change, Commit, Expect, Item, Key, Sorts, Table, TableError, Write};

#[cfg(feature = "doctor")]
pub(crate) use self::item::EXPIRES;
use self::item::{Attributes, decode, key_attributes};
use self::rest::Rest;
use self::retry::{Patience, Problem};
use self::write::Attempt;

/// The most keys in one `BatchGetItem`.
const MOST_KEYS: usize = 100;
/// How often a commit is tried that had to look before it wrote, when what it saw had changed.
const LOOKS: usize = 4;

/// Items in a table, which has the string keys `pk` and `sk` and the TTL attribute `x`.
#[derive(Clone, Debug)]
pub struct DynamoTable {
    client: Client,
    name: String,
    rest: Rest,
}

impl DynamoTable {
    /// The table with this name.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            name: name.into(),
            rest: Rest::default(),
        }
    }

    /// At most [`MOST_KEYS`], no two alike; what there is of them, expired or not.
    async fn get(&self, keys: Vec<Attributes>) -> Result<Vec<Attributes>, TableError> {
        let mut patience = Patience::new();
        let mut found = Vec::with_capacity(keys.len());
        let mut wanted = self.wanted(keys)?;
        while !wanted.is_empty() {
            let call = self.client.batch_get_item();
            let answer = call.set_request_items(Some(wanted)).send().await;
            let answer =
                answer.map_err(|error| self.failed(&Problem::of("BatchGetItem", &error)))?;
            found.extend(
                answer
                    .responses
                    .into_iter()
                    .flatten()
                    .flat_map(|(_, items)| items),
            );
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if !wanted.is_empty() && !patience.wait().await {
                return Err(self.failed(&Problem::throttled("BatchGetItem")));
            }
        }
        Ok(found)
    }

    fn wanted(
        &self,
        keys: Vec<Attributes>,
    ) -> Result<HashMap<String, KeysAndAttributes>, TableError> {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build();
        let keys = keys.map_err(|error| TableError(error.to_string()))?;
        Ok(HashMap::from([(self.name.clone(), keys)]))
    }

    /// What is to be expected of an item by a write whose effect depends on what is there, given
    /// what was seen; none if it already failed.
    fn expectation(write: &Write, seen: Option<&Item>) -> Option<Expect> {
        match (&write.change, write.expect, seen) {
            (Change::Put { .. }, Expect::Present, None) => None,
            (Change::Put { .. }, _, Some(item)) => Some(Expect::Version(item.version)),
            (_, _, Some(_)) => Some(Expect::Present),
            (_, _, None) => Some(Expect::Absent),
        }
    }

    /// # Errors
    /// The table did not answer a moment ago.
    fn awake(&self) -> Result<(), TableError> {
        if self.rest.is_on() {
            return Err(self.failed(&Problem::refused(
                "not asked",
                "it did not answer a moment ago",
            )));
        }
        Ok(())
    }

    fn failed(&self, problem: &Problem) -> TableError {
        if problem.had_no_answer {
            self.rest.begin();
        }
        TableError(format!("DynamoDB table {}: {problem}", self.name))
    }
}

impl Table for DynamoTable {
    async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, TableError> {
        self.awake()?;
        let mut distinct: Vec<&Key> = keys.iter().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let mut items = HashMap::with_capacity(distinct.len());
        for keys in distinct.chunks(MOST_KEYS) {
            let keys = keys.iter().map(|key| key_attributes(key)).collect();
            for attributes in self.get(keys).await? {
                let (key, item) = decode(attributes)?;
                if item.is_alive(now) {
                    items.insert(key, item);
                }
            }
        }
        Ok(keys.iter().map(|key| items.get(key).cloned()).collect())
    }

    async fn commit(&self, writes: &[Write], now: i64) -> Result<Commit, TableError> {
        self.awake()?;
        // Which items must be looked at first. What is added to is supposed to be there.
        let mut look: Vec<bool> = writes.iter().map(depends_on_version).collect();
        for _ in 0..LOOKS {
            let looked = writes.iter().zip(&look).filter(|(_, look)| **look);
            let keys: Vec<Key> = looked.map(|(write, _)| write.key.clone()).collect();
            let mut seen = self.read(&keys, now).await?.into_iter();
            let mut steps = Vec::with_capacity(writes.len());
            for (write, look) in writes.iter().zip(&look) {
                let expect = match (look, &write.change, write.expect) {
                    (true, ..) => {
                        let seen = seen.next().flatten();
                        let Some(expect) = Self::expectation(write, seen.as_ref()) else {
                            return Ok(Commit::Conflict);
                        };
                        expect
                    }
                    (false, Change::Add(_), Expect::Anything) => Expect::Present,
                    (false, _, expect) => expect,
                };
                steps.push((write, expect));
            }
            let attempt = self.attempt(&steps, now).await;
            match attempt.map_err(|problem| self.failed(&problem))? {
                Attempt::Done => return Ok(Commit::Done),
                // What failed was what we had supposed or seen, not what was asked for.
                Attempt::Unexpected(failed) if failed.iter().all(|i| supposed(&writes[*i])) => {
                    for i in failed {
                        look[i] = true;
                    }
                }
                Attempt::Unexpected(_) | Attempt::Busy => return Ok(Commit::Conflict),
            }
        }
        Ok(Commit::Conflict)
    }

    async fn back_off(&self, conflicts: u32) {
        retry::back_off(conflicts).await;
    }

    async fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Item)>, TableError> {
        self.awake()?;
        let mut found = Vec::new();
        if limit == 0 || sorts == Sorts::Until("") {
            return Ok(found); // DynamoDB knows no such limit, and no such key
        }
        let mut start = None;
        loop {
            // Counted before expired ones are dropped, so that it may take another page.
            let page = i32::try_from(limit - found.len()).unwrap_or(i32::MAX);
            let mut call = self
                .client
                .query()
                .table_name(&self.name)
                .consistent_read(true)
                .filter_expression("attribute_not_exists(x) OR x > :now")
                .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
                .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
                .limit(page)
                .set_exclusive_start_key(start);
            let sort = |text: &str| AttributeValue::S(text.to_owned());
            call = match sorts {
                // No key is empty: all come after it.
                Sorts::All | Sorts::After("") => call.key_condition_expression("pk = :pk"),
                Sorts::Until(until) => call
                    .key_condition_expression("pk = :pk AND sk <= :sort")
                    .expression_attribute_values(":sort", sort(until)),
                Sorts::After(after) => call
                    .key_condition_expression("pk = :pk AND sk > :sort")
                    .expression_attribute_values(":sort", sort(after)),
            };
            let answer = call.send().await;
            let answer = answer.map_err(|error| self.failed(&Problem::of("Query", &error)))?;
            for attributes in answer.items.unwrap_or_default() {
                found.push(decode(attributes)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() || found.len() >= limit {
                return Ok(found);
            }
        }
    }
}

/// Whether the version that a write makes cannot be known without looking.
fn depends_on_version(write: &Write) -> bool {
    matches!(
        (&write.change, write.expect),
        (Change::Put { .. }, Expect::Anything | Expect::Present)
    )
}

/// Whether what a write is tried with is stricter than what it asks for.
fn supposed(write: &Write) -> bool {
    let added = matches!(write.change, Change::Add(_)) && write.expect == Expect::Anything;
    added || depends_on_version(write)
}
