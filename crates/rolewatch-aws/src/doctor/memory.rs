//! The table, and what of it tells how it goes: `DynamoDB`.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{PointInTimeRecoveryStatus, TimeToLiveStatus};
use chrono::{DateTime, Utc};
use rolewatch::doctor::{Heard, Looked, Stack, Table};
use rolewatch::store::{Ledger, StoreError, Windows};

use super::{because, failed, in_time};
use crate::dynamodb::{DynamoTable, EXPIRES};

const TABLE: &str = "dynamodb:DescribeTable";
const TTL: &str = "dynamodb:DescribeTimeToLive";
const BACKUPS: &str = "dynamodb:DescribeContinuousBackups";
const READ: &str = "dynamodb:BatchGetItem";

/// What is there, and what stands in it.
pub(super) struct Memory {
    pub(super) table: Looked<Table>,
    pub(super) in_force: Looked<Option<String>>,
    pub(super) canaries: Looked<Vec<Heard>>,
}

pub(super) async fn memory(config: &SdkConfig, stack: &Stack, now: DateTime<Utc>) -> Memory {
    let client = Client::new(config);
    let name = stack.physical("Memory").unwrap_or_default();
    let ledger = Ledger::new(DynamoTable::new(config, name), Windows::default());
    let (table, in_force, canaries) = tokio::join!(
        in_time(TABLE, table(&client, name)),
        in_time(READ, async {
            let good = ledger.good_allowlist(now).await.map_err(|it| unread(&it))?;
            Ok(good.map(|it| it.version))
        }),
        in_time(READ, async {
            let heard = ledger.last_heard(now).await.map_err(|it| unread(&it))?;
            let heard = heard
                .into_iter()
                .map(|(region, sent)| Heard { region, sent });
            Ok(heard.collect())
        }),
    );
    Memory {
        table,
        in_force,
        canaries,
    }
}

fn unread(error: &StoreError) -> rolewatch::doctor::NotLooked {
    match error {
        StoreError::Down(why) => because(READ, why),
        StoreError::Busy => because(READ, &error.to_string()),
    }
}

async fn table(client: &Client, name: &str) -> Looked<Table> {
    let (answer, forgets, is_backed_up) = tokio::join!(
        client.describe_table().table_name(name).send(),
        in_time(TTL, forgets(client, name)),
        in_time(BACKUPS, is_backed_up(client, name)),
    );
    let described = answer.map_err(failed(TABLE))?.table;
    let status = described.and_then(|it| it.table_status);
    Ok(Table {
        status: status.map(|it| it.as_str().to_owned()).unwrap_or_default(),
        forgets,
        is_backed_up,
    })
}

async fn forgets(client: &Client, name: &str) -> Looked<bool> {
    let answer = client.describe_time_to_live().table_name(name).send().await;
    let ttl = answer.map_err(failed(TTL))?.time_to_live_description;
    Ok(ttl.is_some_and(|it| {
        let is_on = matches!(
            it.time_to_live_status,
            Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
        );
        is_on && it.attribute_name.as_deref() == Some(EXPIRES)
    }))
}

async fn is_backed_up(client: &Client, name: &str) -> Looked<bool> {
    let answer = client
        .describe_continuous_backups()
        .table_name(name)
        .send()
        .await;
    let backups = answer
        .map_err(failed(BACKUPS))?
        .continuous_backups_description;
    let recovery = backups.and_then(|it| it.point_in_time_recovery_description);
    let status = recovery.and_then(|it| it.point_in_time_recovery_status);
    Ok(status == Some(PointInTimeRecoveryStatus::Enabled))
}
