//! The allowlist: `allowlist.toml`, compiled.
//!
//! [`compile`] reads the text into raw tables with places, then compiles those; every problem
//! of every step is reported in one go. Only a file without errors becomes an [`Allowlist`].

mod acceptance;
mod by_role;
mod compile;
mod diagnostic;
mod difference;
mod expiry;
mod fields;
mod ignore;
pub(crate) mod matching;
mod needs;
mod pins;
mod preamble;
mod raw;
mod read;
mod rule;
mod schema;
mod test_case;

use chrono::NaiveDate;
use github_oidc::Issuer;

pub use self::acceptance::Acceptance;
pub use self::compile::compile;
pub use self::diagnostic::{Diagnostic, Level};
pub use self::difference::{Difference, Silence};
pub use self::expiry::expiry_warnings;
pub use self::ignore::Ignore;
pub use self::matching::{Invalid, format_duration, parse_duration};
pub use self::needs::{NeededPattern, Needs};
pub use self::pins::BrokenPin;
pub(crate) use self::preamble::quote;
pub use self::rule::{Fault, Fit, Rule};
pub(crate) use self::rule::{Identity, Part};
pub use self::schema::json_schema;
pub use self::test_case::{TestCase, TestOutcome};

/// Whether findings are alerted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Findings are alerted.
    #[default]
    Enforce,
    /// Findings are recorded and reported, not alerted.
    Audit,
}

impl Mode {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Audit => "audit",
        }
    }
}

/// A compiled allowlist.
#[derive(Clone, Debug)]
pub struct Allowlist {
    /// Whether findings are alerted.
    pub mode: Mode,
    rules: Vec<Rule>,
    /// The silences, in file order, ended ones included.
    pub ignores: Vec<Ignore>,
    /// The file's own tests.
    pub tests: Vec<TestCase>,
    issuers: Vec<Issuer>,
    networks: Vec<matching::Network>,
    defaults: Defaults,
    preamble: String,
    pins: pins::Pins,
    by_role: by_role::ByRole,
}

/// What a rule gets that does not say otherwise.
#[derive(Clone, Debug)]
struct Defaults {
    issuers: Vec<Issuer>,
    audiences: Vec<crate::pattern::Pattern>,
    max_session: u64,
}

impl Allowlist {
    /// The one that allows nothing, and knows GitHub.com's issuer: what is in force where there
    /// is no other, so that every assumption of a role by GitHub Actions is a finding.
    #[must_use]
    pub fn empty() -> Self {
        compile::empty()
    }

    /// The rules, in file order, expired ones included.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether the issuer is GitHub.com's or listed as `[[issuer]]`.
    #[must_use]
    pub fn knows_issuer(&self, issuer: &Issuer) -> bool {
        self.issuers.contains(issuer)
    }

    /// All of the file but rules, silences and tests, as TOML: what one more rule leans on.
    pub(crate) fn preamble(&self) -> &str {
        &self.preamble
    }

    /// The names of the networks that an address is in.
    pub(crate) fn networks_of<'a>(&'a self, source: &'a str) -> impl Iterator<Item = &'a str> {
        self.networks
            .iter()
            .filter(|network| network.contains(source))
            .map(|network| network.name.as_str())
    }

    /// The rules that have not expired on `day` (UTC).
    pub(crate) fn live_rules(&self, day: NaiveDate) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.is_live(day))
    }

    /// Whether a rule that names no audience gets this one, and no other.
    pub(crate) fn is_only_default_audience(&self, audience: &str) -> bool {
        matches!(self.defaults.audiences.as_slice(), [only] if only.is_literal() && only.matches(audience))
    }

    /// Whether a rule that names no issuer gets this one, and no other.
    pub(crate) fn is_only_default_issuer(&self, issuer: &Issuer) -> bool {
        self.defaults.issuers == [issuer.clone()]
    }
}
