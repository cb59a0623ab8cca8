//! The last version of the allowlist that could be used: what a process starts with whose source
//! has a broken one, or none.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Ledger, allowlist_versions, keys, notice};
use crate::alert::Alert;
use crate::digest::digest;
use crate::store::StoreError;
use crate::store::draft::Draft;
use crate::store::table::{Key, Table};

/// The longest part of a text in one item, in bytes. A table's item has room for 400 KiB, and
/// JSON may take two bytes for one of TOML's.
const LONGEST_PART: usize = 100_000;

/// A version of the allowlist that could be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodAllowlist {
    /// The version, as its source names it.
    pub version: String,
    /// The file's text.
    pub text: String,
}

/// What became of a version that was to replace another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// It is the last good one now.
    Done,
    /// It was already.
    Known,
    /// Another one was recorded in the meantime: look again.
    Overtaken,
}

/// What is remembered of a version. Its text stands in parts of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    version: String,
    /// The name of its parts.
    text: String,
    parts: usize,
}

impl Head {
    fn keys(&self) -> Vec<Key> {
        (0..self.parts)
            .map(|part| keys::allowlist_text(&self.text, part))
            .collect()
    }
}

impl<T: Table> Ledger<T> {
    /// The last version of the allowlist that could be used, if one was recorded.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn good_allowlist(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Option<GoodAllowlist>, StoreError> {
        let now = now.timestamp();
        self.transact(now, |draft| {
            let Some(head) = draft.get::<Head>(&keys::good_allowlist())? else {
                return Ok(None);
            };
            for key in head.keys() {
                draft.want(key);
            }
            let mut text = String::new();
            for key in head.keys() {
                match draft.get::<String>(&key)? {
                    Some(part) => text.push_str(&part),
                    None => return Ok(None),
                }
            }
            let version = head.version;
            Ok(Some(GoodAllowlist { version, text }))
        })
        .await
    }

    /// Records a version as the last good one in place of another, that it is in force from now
    /// on, and keeps the news of it for the next sweep to tell: all of it, or nothing.
    ///
    /// # Errors
    /// The store did not answer. Trying again is safe.
    pub async fn adopt_allowlist(
        &self,
        good: &GoodAllowlist,
        instead_of: Option<&str>,
        author: Option<&str>,
        news: &Alert,
        now: DateTime<Utc>,
    ) -> Result<Adoption, StoreError> {
        let now = now.timestamp();
        let parts = parts(&good.text);
        let head = Head {
            version: good.version.clone(),
            text: digest(&[&good.version, &good.text]),
            parts: parts.len(),
        };
        for (key, part) in head.keys().iter().zip(&parts) {
            self.transact(now, |draft| match draft.get::<String>(key)? {
                Some(kept) if kept == *part => Ok(()),
                _ => draft.put(key, part, None),
            })
            .await?;
        }
        let adopt = |draft: &mut Draft| {
            let key = keys::good_allowlist();
            draft.want(keys::told(&news.id));
            draft.want(keys::allowlist_versions());
            let old = draft.get::<Head>(&key)?;
            let version = old.as_ref().map(|old| old.version.as_str());
            if version == Some(&good.version) {
                return Ok((Adoption::Known, None));
            }
            if version != instead_of {
                return Ok((Adoption::Overtaken, None));
            }
            draft.put(&key, &head, None)?;
            allowlist_versions::remember(draft, &good.version, author, now)?;
            notice::keep(draft, news, now)?;
            Ok((Adoption::Done, old))
        };
        let (adoption, old) = self.transact(now, adopt).await?;
        if let Some(old) = old {
            self.forget(&old, now).await;
        }
        Ok(adoption)
    }

    /// Deletes a text that nothing leads to any more. Where that fails, it only takes up room.
    async fn forget(&self, old: &Head, now: i64) {
        for key in old.keys() {
            let _ = self.transact(now, |draft| draft.delete(&key)).await;
        }
    }
}

/// A text in parts that each fit into an item; one, at least.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > LONGEST_PART {
        let (part, behind) = rest.split_at(rest.floor_char_boundary(LONGEST_PART));
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_kept_in_parts_and_whole() {
        for text in [String::new(), "ü".repeat(130_000), "a".repeat(LONGEST_PART)] {
            let parts = parts(&text);
            assert!(parts.iter().all(|part| part.len() <= LONGEST_PART));
            assert_eq!(parts.concat(), text);
        }
    }
}
