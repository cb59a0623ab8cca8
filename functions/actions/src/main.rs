//! actions: what people press in Slack, behind a function URL. Whatever Slack did not sign is refused
//! before anything else is done.

mod actions;
mod interaction;
mod reply;
mod request;
mod signature;

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rolewatch::store::{Ledger, Windows};
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::parameter::read;
use rolewatch_aws::settings::{ActionsSettings, ProcessEnvironment};
use serde_json::Value;

use crate::actions::Actions;
use crate::reply::ResponseUrl;
use crate::signature::SigningSecret;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = ActionsSettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let table = DynamoTable::new(&config, settings.table);
    let secret = read(&settings.signing_secret, &config).await?;
    let actions = Arc::new(Actions {
        store: Ledger::new(table, Windows::default()),
        secret: SigningSecret::new(&secret)?,
        reply: ResponseUrl,
    });
    run(service_fn(move |event: LambdaEvent<Value>| {
        let actions = Arc::clone(&actions);
        // In a box of its own: the compiler gives up on a future of such depth.
        async move { Ok::<_, Error>(Box::pin(actions.handle(event.payload)).await) }
    }))
    .await
}
