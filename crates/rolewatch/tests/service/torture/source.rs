//! An allowlist that changes, breaks and cannot be had, and always means the same.

use std::sync::Arc;

use rolewatch::allowlist_in_force::{AllowlistSource, Fetched, Fresh, SourceError};

use crate::harness::{Faults, sample, turn};

/// Gives out samples/allowlist.toml under ever new versions, or something that cannot be used.
#[derive(Debug)]
pub(super) struct FaultySource {
    faults: Arc<Faults>,
    text: String,
}

impl FaultySource {
    pub(super) fn new(faults: &Arc<Faults>) -> Self {
        Self {
            faults: Arc::clone(faults),
            text: sample("allowlist.toml"),
        }
    }

    fn version(&self, version: u64, broken: bool) -> Fetched {
        let text = &self.text;
        let content = if broken {
            format!("{text}\nnot = 'a key'\n")
        } else {
            format!("{text}\n# version {version}\n")
        };
        Fetched::Changed(Fresh {
            content: content.into_bytes(),
            version: format!("{}{version}", if broken { "broken-" } else { "" }),
            author: None,
        })
    }
}

impl AllowlistSource for FaultySource {
    async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError> {
        turn().await;
        let faults = &self.faults;
        if faults.strikes(&faults.allowlist, "allowlist: throttled") {
            return Err(SourceError::Later("injected".into()));
        }
        if faults.strikes(&faults.allowlist, "allowlist: access denied") {
            return Err(SourceError::Gone("injected".into()));
        }
        if faults.strikes(&faults.allowlist, "allowlist: broken version") {
            return Ok(self.version(faults.dice.below(1 << 30), true));
        }
        if faults.strikes(&faults.allowlist, "allowlist: new version") || known.is_none() {
            return Ok(self.version(faults.dice.below(1 << 30), false));
        }
        Ok(Fetched::Unchanged)
    }
}
