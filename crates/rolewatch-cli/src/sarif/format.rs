//! The part of SARIF 2.1.0 that is written.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rolewatch::rendering::is_unprintable;
use rolewatch::rendering::terminal::escape;
use serde::Serialize;

/// The schema, where OASIS publishes it.
pub(crate) const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
pub(crate) struct Log<'a> {
    #[serde(rename = "$schema")]
    pub(crate) schema: &'static str,
    pub(crate) version: &'static str,
    pub(crate) runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run<'a> {
    pub(crate) tool: Tool,
    pub(crate) column_kind: &'static str,
    pub(crate) invocations: [Invocation; 1],
    pub(crate) results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
pub(crate) struct Tool {
    pub(crate) driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Driver {
    pub(crate) name: &'static str,
    pub(crate) semantic_version: &'static str,
    pub(crate) rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) short_description: Message,
    pub(crate) full_description: Message,
    pub(crate) help: Help,
    pub(crate) default_configuration: Configuration,
    pub(crate) properties: Properties,
}

#[derive(Serialize)]
pub(crate) struct Message {
    pub(crate) text: Cow<'static, str>,
}

impl Message {
    /// Visible, and with none of SARIF's embedded links (3.11.6, `[text](address)`): names in it are
    /// somebody else's choice.
    pub(crate) fn of(text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        if !text.contains(is_unprintable) && !text.contains("](") {
            return Self { text };
        }
        let lines: Vec<Cow<'_, str>> = text.split('\n').map(escape).collect();
        Self {
            text: lines.join("\n").replace("](", "] (").into(),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Help {
    pub(crate) text: &'static str,
    pub(crate) markdown: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Configuration {
    pub(crate) level: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Properties {
    pub(crate) tags: [&'static str; 3],
    pub(crate) precision: &'static str,
    #[serde(rename = "security-severity")]
    pub(crate) security_severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invocation {
    pub(crate) execution_successful: bool,
    pub(crate) tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
pub(crate) struct Notification {
    pub(crate) level: &'static str,
    pub(crate) message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SarifResult<'a> {
    pub(crate) rule_id: &'a str,
    pub(crate) rule_index: Option<usize>,
    pub(crate) level: &'static str,
    pub(crate) message: Message,
    pub(crate) locations: [Location; 1],
    pub(crate) partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    pub(crate) physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhysicalLocation {
    pub(crate) artifact_location: Artifact,
    pub(crate) region: Region,
}

#[derive(Serialize)]
pub(crate) struct Artifact {
    pub(crate) uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Region {
    pub(crate) start_line: usize,
    pub(crate) start_column: usize,
}
