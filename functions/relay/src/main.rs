//! relay: alerts from SNS, through SQS, to Amazon Q Developer's topic and to a bus of EventBridge.

mod relay;

use std::sync::Arc;

use lambda_runtime::{Error, run, service_fn};
use rolewatch::store::{Ledger, Windows};
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::eventbridge::Bus;
use rolewatch_aws::settings::{ProcessEnvironment, RelaySettings};
use rolewatch_aws::sns::Chat;

use crate::relay::Relay;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = RelaySettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let table = DynamoTable::new(&config, settings.table);
    let relay = Arc::new(Relay {
        store: Ledger::new(table, Windows::default()),
        chat: settings.chat_topic_arn.map(|arn| Chat::new(&config, arn)),
        bus: settings.bus_arn.map(|arn| Bus::new(&config, arn)),
    });
    run(service_fn(move |event| {
        let relay = Arc::clone(&relay);
        // In a box of its own: the compiler gives up on a future of such depth.
        async move { Ok::<_, Error>(Box::pin(relay.handle(event)).await) }
    }))
    .await
}
