//! The allowlist's JSON Schema, from the same types that the reader fills.

use super::raw::RawAllowlist;

/// The JSON Schema of `allowlist.toml` (draft 2020-12), for editors and other tools.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(RawAllowlist).to_value()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::allowlist::compile;

    /// Every key of `known` in the help of an unknown key, against the schema's properties.
    fn assert_same_keys(document: &str, properties: &serde_json::Value) {
        let diagnostics = compile(document).unwrap_err();
        let help = diagnostics
            .iter()
            .find(|d| d.message.contains("zzzzzzzzzz"))
            .map(|d| d.help.split_once("knows: ").unwrap().1.to_owned())
            .unwrap();
        let read: BTreeSet<&str> = help.split(", ").collect();
        let described: BTreeSet<&str> = properties
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(read, described, "{document}");
    }

    #[test]
    fn schema_and_reader_know_the_same_keys() {
        let schema = json_schema();
        assert_same_keys("zzzzzzzzzz = 1", &schema["properties"]);
        for (table, definition) in [
            ("[defaults]", "Defaults"),
            ("[[issuer]]", "Issuer"),
            ("[[network]]", "Network"),
            ("[[allow]]", "Rule"),
            ("[[ignore]]", "Ignore"),
            ("[[test]]", "Test"),
        ] {
            let document = format!("version = 1\n{table}\nzzzzzzzzzz = 1\n");
            assert_same_keys(&document, &schema["$defs"][definition]["properties"]);
        }
    }
}
