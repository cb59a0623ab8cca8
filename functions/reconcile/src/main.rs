//! reconcile: what CloudTrail's own history knows against what arrived; what did not goes to detect.

mod reconcile;

use std::sync::Arc;

use lambda_runtime::{Error, run, service_fn};
use rolewatch::reconcile::Reconciler;
use rolewatch::store::{Ledger, Windows};
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::history::EventHistory;
use rolewatch_aws::inbox::EventsQueue;
use rolewatch_aws::settings::{ProcessEnvironment, ReconcileSettings};

use crate::reconcile::Reconcile;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = ReconcileSettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let table = DynamoTable::new(&config, settings.table);
    let reconcile = Arc::new(Reconcile {
        reconciler: Reconciler {
            store: Ledger::new(table, Windows::default()),
            history: EventHistory::new(&config),
            inbox: EventsQueue::new(&config, settings.events),
        },
        home: settings.region,
    });
    run(service_fn(move |event| {
        let reconcile = Arc::clone(&reconcile);
        async move { Box::pin(reconcile.handle(event)).await }
    }))
    .await
}
