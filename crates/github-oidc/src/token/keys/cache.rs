//! Key sets that are kept: an issuer is asked seldom, and may be away for a while.

use std::collections::BTreeMap;

use jsonwebtoken::DecodingKey;

use super::{KeySet, KeySource};
use crate::issuer::Issuer;
use crate::token::VerifyError;

/// An issuer is asked at most once in so many seconds, whatever key a token names: else anybody
/// could make us hammer it with tokens of made-up keys. A new key is unknown for as long.
pub const REFRESH: u64 = 60;

/// Keys older than so many seconds are asked for anew, so that one that was withdrawn goes.
const OLD: u64 = 60 * 60;

/// Keys go on working for so many seconds, a day, while their issuer does not answer. Less, and an
/// outage of the issuer is one of ours; more, and a withdrawn key lives as long as somebody can keep
/// us from the issuer.
pub const KEYS_GO_STALE: u64 = 24 * 60 * 60;

/// The keys of the issuers that somebody asked for. Those are known ones, so they are few.
#[derive(Clone, Debug, Default)]
pub struct KeyCache {
    issuers: BTreeMap<Issuer, Kept>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    set: KeySet,
    /// When the set came.
    fetched: Option<u64>,
    /// When the issuer was last asked, and what came of it.
    asked: Option<(u64, Answer)>,
}

#[derive(Clone, Debug)]
enum Answer {
    Keys,
    Absent,
    None(String),
}

impl KeyCache {
    /// The key with this id. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`VerifyError::UnknownKey`] where the issuer does not have it,
    /// [`VerifyError::KeysUnavailable`] where that cannot be known.
    pub(in crate::token) async fn key(
        &mut self,
        source: &impl KeySource,
        issuer: &Issuer,
        id: &str,
        now: u64,
    ) -> Result<&DecodingKey, VerifyError> {
        let kept = self.issuers.entry(issuer.clone()).or_default();
        let known = kept.set.get(id).is_some() && !kept.is_older_than(OLD, now);
        if !known && kept.may_ask(now) {
            kept.refresh(source, issuer, now).await;
        }
        if kept.is_older_than(KEYS_GO_STALE, now) {
            kept.set = KeySet::default();
        }
        let answer = kept.asked.as_ref().map(|(_, answer)| answer);
        kept.set.get(id).ok_or_else(|| match answer {
            Some(Answer::None(why)) => VerifyError::KeysUnavailable(why.clone()),
            Some(Answer::Absent) => VerifyError::NoKeys,
            Some(Answer::Keys) | None => VerifyError::UnknownKey,
        })
    }
}

impl Kept {
    /// A clock that went back makes keys old, not young.
    fn is_older_than(&self, age: u64, now: u64) -> bool {
        self.fetched
            .is_none_or(|at| now.checked_sub(at).is_none_or(|passed| passed >= age))
    }

    fn may_ask(&self, now: u64) -> bool {
        let asked = self.asked.as_ref().map(|(at, _)| at);
        asked.is_none_or(|at| now.abs_diff(*at) >= REFRESH)
    }

    async fn refresh(&mut self, source: &impl KeySource, issuer: &Issuer, now: u64) {
        let answer = match source.key_set(issuer).await {
            Ok(Some(set)) => {
                self.set = set;
                self.fetched = Some(now);
                Answer::Keys
            }
            Ok(None) => Answer::Absent,
            Err(error) => Answer::None(error.to_string()),
        };
        self.asked = Some((now, answer));
    }
}
