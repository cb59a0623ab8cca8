//! An alert as it is kept: with its owner and background, which its JSON leaves out.

use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::finding::Background;

/// An alert, kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    alert: Alert,
    owner: Option<String>,
    #[serde(default)]
    background: Background,
}

impl From<&Alert> for Kept {
    fn from(alert: &Alert) -> Self {
        Self {
            alert: alert.clone(),
            owner: alert.owner.clone(),
            background: alert.background.clone(),
        }
    }
}

impl Kept {
    /// The alert, as it was.
    pub(super) fn alert(&self) -> Alert {
        Alert {
            owner: self.owner.clone(),
            background: self.background.clone(),
            ..self.alert.clone()
        }
    }
}
