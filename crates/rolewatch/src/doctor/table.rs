//! The table: there, forgetting what is over, and kept safe.

use super::{DEPLOY, Looked, Probe, or_well};

/// The table of what is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// `ACTIVE`, where all is well.
    pub status: String,
    /// Whether items go when they are over.
    pub forgets: Looked<bool>,
    /// Whether it can be put back to any moment of the last weeks.
    pub is_backed_up: Looked<bool>,
}

pub(super) fn examine(looked: &Looked<Table>) -> Vec<Probe> {
    let table = match looked {
        Err(not) => return vec![not.probe("table", "the table")],
        Ok(table) => table,
    };
    let mut wrong = Vec::new();
    if table.status != "ACTIVE" && table.status != "UPDATING" {
        let message = format!("the table is {}", table.status);
        wrong.push(Probe::fail(
            "table",
            message,
            "see the table in DynamoDB's console; docs/operations.md#dead-letters-of-detect",
        ));
    }
    match &table.forgets {
        Err(not) => wrong.push(not.probe("table-ttl", "the table's time to live")),
        Ok(true) => {}
        Ok(false) => wrong.push(Probe::fail(
            "table-ttl",
            "time to live is off, or not by the attribute x: nothing is ever forgotten, and storage is paid for",
            DEPLOY,
        )),
    }
    match &table.is_backed_up {
        Err(not) => wrong.push(not.probe("table-backup", "the table's point-in-time recovery")),
        Ok(true) => {}
        Ok(false) => wrong.push(Probe::warn(
            "table-backup",
            "point-in-time recovery is off: what is lost cannot be had again",
            DEPLOY,
        )),
    }
    or_well(wrong, "table", || {
        "it is active, forgets what is over, and can be put back".to_owned()
    })
}
