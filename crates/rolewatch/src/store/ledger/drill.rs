//! Drills: what is told of one is kept as any alert about no event is, and which alerts these are, so that whoever sent it
//! can see what became of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Ledger, keys, notice};
use crate::alert::Alert;
use crate::store::StoreError;
use crate::store::draft::NotRead;
use crate::store::table::Table;

/// An alert of a drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    id: String,
    check: String,
}

/// A drill that arrived.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Arrived {
    /// When, in seconds since 1970: its alerts are due since then.
    at: i64,
    alerts: Vec<Told>,
}

/// What became of an alert of a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillAlert {
    /// The finding's id.
    pub id: String,
    /// Its check.
    pub check: String,
    /// Whether its delivery to the topic is recorded.
    pub is_delivered: bool,
}

impl<T: Table> Ledger<T> {
    /// Keeps what is to be told of a drill, for the next sweep. Returns whether it is new: one of the same name is told
    /// once in 100 days.
    ///
    /// # Errors
    /// The store did not answer. Keeping it again is safe.
    pub async fn rehearse(
        &self,
        drill: &str,
        alerts: &[Alert],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let now = now.timestamp();
        let key = keys::drill(drill);
        let arrived = Arrived {
            at: now,
            alerts: alerts.iter().map(Told::from).collect(),
        };
        self.transact(now, |draft| {
            if draft.exists(&key)? {
                return Ok(false);
            }
            draft.put(&key, &arrived, Some(now + keys::EVENT_LIFE))?;
            for alert in alerts {
                notice::keep(draft, alert, now)?;
            }
            Ok(true)
        })
        .await
    }

    /// What became of a drill's alerts; nothing where it did not arrive.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn drill(
        &self,
        drill: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<DrillAlert>>, StoreError> {
        let key = keys::drill(drill);
        self.transact(now.timestamp(), |draft| {
            let Some(arrived) = draft.get::<Arrived>(&key)? else {
                return Ok(None);
            };
            let each = arrived.alerts.iter().map(|told| {
                // Its mark goes when its delivery is recorded.
                let waits = draft.exists(&keys::due(arrived.at, &told.id))?;
                Ok(DrillAlert {
                    id: told.id.clone(),
                    check: told.check.clone(),
                    is_delivered: !waits,
                })
            });
            each.collect::<Result<Vec<_>, NotRead>>().map(Some)
        })
        .await
    }
}

impl From<&Alert> for Told {
    fn from(alert: &Alert) -> Self {
        Self {
            id: alert.id.clone(),
            check: alert.check.clone(),
        }
    }
}
