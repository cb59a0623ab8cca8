//! The allowlist as it is written: shapes and places, nothing judged yet.
//!
//! The doc comments below are the descriptions in the JSON Schema that editors show.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A value and the bytes of the file that it came from.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// To the schema, a value with a place is just the value.
impl<T: JsonSchema> JsonSchema for At<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
    fn inline_schema() -> bool {
        T::inline_schema()
    }
}

/// rolewatch's allowlist: which GitHub Actions workflows are expected to assume which IAM roles.
#[derive(Debug, Default, JsonSchema)]
#[schemars(rename = "Allowlist", deny_unknown_fields)]
pub(super) struct RawAllowlist {
    /// The version of this format: 1.
    #[schemars(required, extend("const" = 1))]
    pub(super) version: Option<At<i64>>,
    /// "enforce" (the default), or "audit": findings are recorded and reported, not alerted.
    #[schemars(extend("enum" = ["enforce", "audit"]))]
    pub(super) mode: Option<At<String>>,
    /// What a rule gets that does not say otherwise.
    pub(super) defaults: Option<RawDefaults>,
    /// Issuers that are known besides GitHub.com's: enterprise slugs, GHES, ghe.com.
    #[schemars(default)]
    pub(super) issuer: Vec<RawIssuer>,
    /// Named address sets for rules.
    #[schemars(default)]
    pub(super) network: Vec<RawNetwork>,
    /// Rules: who is expected to assume which roles.
    #[schemars(default)]
    pub(super) allow: Vec<RawRule>,
    /// Reasoned, dated silences.
    #[schemars(default)]
    pub(super) ignore: Vec<RawIgnore>,
    /// Assumptions and what this file must say of them, run by `rolewatch allowlist test`.
    #[schemars(default)]
    pub(super) test: Vec<RawTest>,
}

/// What a rule gets that does not say otherwise.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "Defaults", deny_unknown_fields)]
pub(super) struct RawDefaults {
    /// Issuer URLs. Default: <https://token.actions.githubusercontent.com>.
    #[schemars(extend("minItems" = 1))]
    pub(super) issuers: Option<Vec<At<String>>>,
    /// Audiences, patterns allowed. Default: sts.amazonaws.com.
    #[schemars(extend("minItems" = 1))]
    pub(super) audiences: Option<Vec<At<String>>>,
    /// Longest session, such as "15m" or "1h". Default: 1h. From 15m to 12h.
    pub(super) max_session: Option<At<String>>,
}

/// An issuer that is known besides GitHub.com's. Listing it widens no rule by itself.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "Issuer", deny_unknown_fields)]
pub(super) struct RawIssuer {
    /// The issuer's URL, as the token's `iss` has it.
    #[schemars(required)]
    pub(super) url: Option<At<String>>,
}

/// A named set of addresses.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "Network", deny_unknown_fields)]
pub(super) struct RawNetwork {
    /// The name that rules use; unique.
    #[schemars(required)]
    pub(super) name: Option<At<String>>,
    /// IPv4 and IPv6 blocks, such as "203.0.113.0/24".
    #[schemars(required)]
    #[schemars(extend("minItems" = 1))]
    pub(super) cidrs: Option<Vec<At<String>>>,
}

/// One rule: it matches as a whole, or not at all.
#[derive(Debug, JsonSchema)]
#[schemars(
    rename = "Rule",
    deny_unknown_fields,
    extend("oneOf" = [{"required": ["repositories", "contexts"]}, {"required": ["subjects"]}])
)]
pub(super) struct RawRule {
    #[schemars(skip)]
    pub(super) span: Range<usize>,
    /// A unique name, shown in alerts and reports.
    #[schemars(required)]
    pub(super) name: Option<At<String>>,
    /// IAM role ARNs; patterns never cross a ':'.
    #[schemars(required)]
    #[schemars(extend("minItems" = 1))]
    pub(super) roles: Option<Vec<At<String>>>,
    /// OWNER[@ID]/NAME[@ID] as GitHub writes it; ids are pins.
    #[schemars(extend("minItems" = 1))]
    pub(super) repositories: Option<Vec<At<String>>>,
    /// Needed with `repositories`: branch:main, branch:release/*, tag:v*, environment:prod, `pull_request`, any.
    #[schemars(extend("minItems" = 1))]
    pub(super) contexts: Option<Vec<At<String>>>,
    /// Whole subjects of custom templates, instead of `repositories` and `contexts`.
    #[schemars(extend("minItems" = 1))]
    pub(super) subjects: Option<Vec<At<String>>>,
    /// "any": a `subjects` pattern need not pin the calling repository or its owner.
    #[schemars(extend("enum" = ["any"]))]
    pub(super) caller: Option<At<String>>,
    /// "immutable": only subjects that carry the owner's and the repository's ids.
    #[schemars(extend("enum" = ["immutable"]))]
    pub(super) form: Option<At<String>>,
    /// Longest session, such as "15m" or "1h". From 15m to 12h.
    pub(super) max_session: Option<At<String>>,
    /// Audiences, patterns allowed.
    #[schemars(extend("minItems" = 1))]
    pub(super) audiences: Option<Vec<At<String>>>,
    /// Issuer URLs; each GitHub.com's or listed as `[[issuer]]`.
    #[schemars(extend("minItems" = 1))]
    pub(super) issuers: Option<Vec<At<String>>>,
    /// AWS regions, patterns allowed. Default: any.
    #[schemars(extend("minItems" = 1))]
    pub(super) regions: Option<Vec<At<String>>>,
    /// Names of `[[network]]`s that the call must come from. Default: any address.
    #[schemars(extend("minItems" = 1))]
    pub(super) networks: Option<Vec<At<String>>>,
    /// When sessions may begin, such as "Mon-Fri 08:00-18:00 Europe/Berlin". Default: any time.
    pub(super) hours: Option<At<String>>,
    /// Who answers for this rule; shown in the alert, routes it.
    pub(super) owner: Option<At<String>>,
    /// Why the rule exists, such as a ticket.
    pub(super) reason: Option<At<String>>,
    /// The last day (UTC) on which the rule matches.
    pub(super) expires: Option<At<NaiveDate>>,
}

/// A reasoned, dated silence for one check.
#[derive(Debug, JsonSchema)]
#[schemars(
    rename = "Ignore",
    deny_unknown_fields,
    extend("anyOf" = [{"required": ["roles"]}, {"required": ["repositories"]}, {"required": ["subjects"]}])
)]
pub(super) struct RawIgnore {
    #[schemars(skip)]
    pub(super) span: Range<usize>,
    /// The id of the check to silence.
    #[schemars(required)]
    pub(super) check: Option<At<String>>,
    /// Only for these IAM role ARNs, patterns allowed.
    #[schemars(extend("minItems" = 1))]
    pub(super) roles: Option<Vec<At<String>>>,
    /// Only for these repositories, OWNER[@ID]/NAME[@ID], patterns allowed.
    #[schemars(extend("minItems" = 1))]
    pub(super) repositories: Option<Vec<At<String>>>,
    /// Only for these subjects, patterns allowed, never across a ':'.
    #[schemars(extend("minItems" = 1))]
    pub(super) subjects: Option<Vec<At<String>>>,
    /// Why, such as a ticket.
    #[schemars(required)]
    pub(super) reason: Option<At<String>>,
    /// The last day (UTC) on which it holds.
    #[schemars(required)]
    pub(super) until: Option<At<NaiveDate>>,
}

/// One assumption and what this file must say of it.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "Test", deny_unknown_fields)]
pub(super) struct RawTest {
    #[schemars(skip)]
    pub(super) span: Range<usize>,
    /// What the test shows.
    #[schemars(required)]
    pub(super) name: Option<At<String>>,
    /// The IAM role's ARN.
    #[schemars(required)]
    pub(super) role: Option<At<String>>,
    /// The token's subject.
    #[schemars(required)]
    pub(super) subject: Option<At<String>>,
    /// The session's length, such as "15m". Not said: length is not judged.
    pub(super) session: Option<At<String>>,
    /// "expected", a check's id, or a list of ids: exactly the findings to come.
    #[schemars(required, schema_with = "one_or_many")]
    pub(super) expect: Option<Vec<At<String>>>,
    /// The issuer's URL. Not said: GitHub.com's.
    pub(super) issuer: Option<At<String>>,
    /// The token's audience. Not said: not judged.
    pub(super) audience: Option<At<String>>,
    /// The AWS region. Not said: not judged.
    pub(super) region: Option<At<String>>,
    /// The caller's address. Not said: not judged.
    pub(super) source_ip: Option<At<String>>,
    /// The moment of the call (UTC). Not said: neither expiry nor hours are judged.
    pub(super) at: Option<At<DateTime<Utc>>>,
}

fn one_or_many(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({
        "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 }
        ]
    })
}
