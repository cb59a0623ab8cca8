//! How an item is written: `pk` and `sk` its key, `v` the value, `n` the version, `x` the expiry in
//! seconds since 1970, and each counter an attribute of its own, since only those can be added to
//! whether they are there or not.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;
use rolewatch::store::table::{Item, Key, TableError};

pub(super) type Attributes = HashMap<String, AttributeValue>;

const COUNTER: &str = "c_";
/// The attribute by which the table forgets.
pub(crate) const EXPIRES: &str = "x";

pub(super) fn key_attributes(key: &Key) -> Attributes {
    let text = |text: &String| AttributeValue::S(text.clone());
    HashMap::from([
        ("pk".to_owned(), text(&key.partition)),
        ("sk".to_owned(), text(&key.sort)),
    ])
}

pub(super) fn encode(key: &Key, item: &Item) -> Attributes {
    let mut attributes = key_attributes(key);
    let mut number = |name: String, number: String| {
        attributes.insert(name, AttributeValue::N(number));
    };
    number("n".to_owned(), item.version.to_string());
    if let Some(expires) = item.expires {
        number(EXPIRES.to_owned(), expires.to_string());
    }
    for (name, count) in &item.counters {
        number(counter_name(name), count.to_string());
    }
    attributes.insert("v".to_owned(), AttributeValue::S(item.value.clone()));
    attributes
}

/// # Errors
/// Names an attribute that is not as [`encode`] writes it, never what is in it.
pub(super) fn decode(mut attributes: Attributes) -> Result<(Key, Item), TableError> {
    let mut text = |name: &str| match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(foreign(name)),
    };
    let key = Key::new(text("pk")?, text("sk")?);
    let value = text("v")?;
    let version = attributes.get("n").and_then(number);
    let expires = match attributes.get(EXPIRES) {
        Some(expires) => Some(number(expires).ok_or_else(|| foreign(EXPIRES))?),
        None => None,
    };
    let mut counters = BTreeMap::new();
    for (name, count) in &attributes {
        if let Some(name) = name.strip_prefix(COUNTER) {
            // What was added up beyond it is the most that a counter holds.
            let count: u128 = number(count).ok_or_else(|| foreign("c_…"))?;
            counters.insert(decoded(name)?, u64::try_from(count).unwrap_or(u64::MAX));
        }
    }
    let item = Item {
        value,
        counters,
        version: version.ok_or_else(|| foreign("n"))?,
        expires,
    };
    Ok((key, item))
}

/// The attribute of a counter, which can have any name: what is not plain is written as `%` and
/// two digits a byte, as in a URL.
pub(super) fn counter_name(name: &str) -> String {
    let mut attribute = COUNTER.to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            attribute.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(attribute, "%{byte:02x}");
        }
    }
    attribute
}

fn decoded(name: &str) -> Result<String, TableError> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut parts = name.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let digits = part.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok());
        bytes.push(digits.ok_or_else(|| foreign("c_…"))?);
        bytes.extend(part.bytes().skip(2));
    }
    String::from_utf8(bytes).map_err(|_| foreign("c_…"))
}

fn number<N: std::str::FromStr>(value: &AttributeValue) -> Option<N> {
    value.as_n().ok()?.parse().ok()
}

fn foreign(attribute: &str) -> TableError {
    TableError(format!(
        "DynamoDB: an item's attribute {attribute} is not as rolewatch writes it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> (Key, Item) {
        let names = [
            "",
            "plain.name-1:x",
            "%",
            "%2",
            "a b",
            "\0\u{202e}\u{10ffff}",
            "c_",
        ];
        let item = Item {
            value: "{\"a\":1}".into(),
            counters: names.into_iter().map(str::to_owned).zip(0..).collect(),
            version: u64::MAX,
            expires: Some(-1),
        };
        (Key::new("p", "s"), item)
    }

    #[test]
    fn an_item_comes_back_as_it_was() {
        let (key, mut item) = item();
        assert_eq!(
            decode(encode(&key, &item)).unwrap(),
            (key.clone(), item.clone())
        );
        item.expires = None;
        assert_eq!(decode(encode(&key, &item)).unwrap(), (key, item));
    }

    #[test]
    fn a_counter_beyond_its_range_stays_at_the_most() {
        let (key, item) = item();
        let mut attributes = encode(&key, &item);
        let sum = (u128::from(u64::MAX) * 3).to_string();
        attributes.insert("c_x".into(), AttributeValue::N(sum));
        assert_eq!(decode(attributes).unwrap().1.counters["x"], u64::MAX);
    }

    #[test]
    fn what_another_program_wrote_is_named_and_not_quoted() {
        let (key, item) = item();
        for name in ["pk", "sk", "v", "n", "x", "c_x", "c_%zz", "c_%ff"] {
            let mut attributes = encode(&key, &item);
            let value = if name.starts_with("c_%") {
                AttributeValue::N("1".into())
            } else {
                AttributeValue::Bool(true)
            };
            attributes.insert(name.into(), value);
            let error = decode(attributes).unwrap_err().to_string();
            let shown = if name.starts_with("c_") {
                "c_…"
            } else {
                name
            };
            assert!(
                error.contains(&format!("attribute {shown} is not")),
                "{error}"
            );
        }
    }
}
