//! How an item is written: postcard, the expiry first, so that it can be read alone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rolewatch::store::table::Item;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    expires: Option<i64>,
    version: u64,
    counters: Cow<'a, BTreeMap<String, u64>>,
    value: Cow<'a, str>,
}

pub(crate) fn encode(item: &Item) -> Vec<u8> {
    let stored = Stored {
        expires: item.expires,
        version: item.version,
        counters: Cow::Borrowed(&item.counters),
        value: Cow::Borrowed(&item.value),
    };
    #[expect(
        clippy::expect_used,
        reason = "postcard refuses only sequences of unknown length; a map knows its own"
    )]
    postcard::to_stdvec(&stored).expect("an item can be written")
}

pub(crate) fn decode(bytes: &[u8]) -> Option<Item> {
    let stored: Stored<'_> = postcard::from_bytes(bytes).ok()?;
    Some(Item {
        value: stored.value.into_owned(),
        counters: stored.counters.into_owned(),
        version: stored.version,
        expires: stored.expires,
    })
}

/// An item's expiry; none, too, for what is no item.
pub(crate) fn expires(bytes: &[u8]) -> Option<i64> {
    let (expires, _) = postcard::take_from_bytes(bytes).ok()?;
    expires
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_comes_back_as_it_was() {
        for expires_at in [None, Some(i64::MIN), Some(0), Some(i64::MAX)] {
            let item = Item {
                value: "{\"a\":\"\0\u{202e}\"}".into(),
                counters: BTreeMap::from([(String::new(), u64::MAX), ("b".into(), 0)]),
                version: u64::MAX,
                expires: expires_at,
            };
            let bytes = encode(&item);
            assert_eq!(expires(&bytes), expires_at);
            assert_eq!(decode(&bytes), Some(item));
            assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        }
    }

    /// A file outlives the program that wrote it: what format 1 was, it stays.
    #[test]
    fn format_1_is_what_it_was() {
        let item = Item {
            value: "v".into(),
            counters: BTreeMap::from([("n".into(), 300)]),
            version: 2,
            expires: Some(-1),
        };
        assert_eq!(encode(&item), [1, 1, 2, 1, 1, b'n', 0xac, 2, 1, b'v']);
    }
}
