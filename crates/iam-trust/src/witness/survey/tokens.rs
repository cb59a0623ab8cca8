//! The tokens that are tried.

use github_oidc::Subject;

use crate::pattern::{has_wildcard, wildcards};
use crate::policy::{Base, Comparison, Condition, Policy, Text};
use crate::witness::fill::{Late, Readings, Wanted, pattern_of};
use crate::witness::identity::{Identity, holders};
use crate::witness::meet;
use crate::witness::named::Named;
use crate::witness::token::{Run, Token, build, runs};

use super::Survey;
use super::constraints::denying;

/// The most tokens that are tried for one statement.
const MAX_TOKENS: usize = 50_000;

/// A subject, and who could hold it in which runs.
struct Holding {
    subject: String,
    holders: Vec<Identity>,
    runs: Vec<Run>,
}

impl Holding {
    fn count(&self) -> usize {
        self.holders.len() * self.runs.len()
    }

    fn pairs(&self) -> impl Iterator<Item = (&Identity, &Run)> {
        let holders = self.holders.iter();
        holders.flat_map(|holder| self.runs.iter().map(move |run| (holder, run)))
    }
}

impl Survey<'_> {
    fn named(&self, denials: &[&Condition], readings: &Readings) -> Named {
        let mut named = Named::default();
        for constraint in &self.constraints {
            for value in &constraint.condition.values {
                let text = pattern_of(&value.text, self.version);
                match constraint.claim {
                    "sub" => named.subject(&text),
                    claim if self.is_pattern(constraint.condition, value) => {
                        self.describe(&mut named, claim, value, readings);
                        named.claim(claim, &text);
                    }
                    claim => named.claim(claim, &text),
                }
            }
        }
        let conditions = self.statement.conditions.iter();
        for condition in conditions.chain(denials.iter().copied()) {
            let claim = self.claim(condition).unwrap_or_default();
            named.looks_at_ref |= claim == "ref";
            for id in ["repository_id", "repository_owner_id"] {
                if claim == id {
                    named.describe(id, neighbours(condition));
                }
            }
        }
        named
    }

    /// Takes in what a pattern on another claim than the subject describes.
    fn describe(&self, named: &mut Named, claim: &'static str, value: &Text, readings: &Readings) {
        for pattern in readings.patterns(&value.text, self.version) {
            if has_wildcard(&pattern) || pattern != value.text {
                let described = meet::claims(claim, &wildcards(&pattern), &self.marker);
                named.describe(claim, described);
            }
        }
    }

    pub(super) fn is_pattern(&self, condition: &Condition, value: &Text) -> bool {
        condition.operator.has_wildcards() || pattern_of(&value.text, self.version) != value.text
    }

    /// Visits the tokens to try: every subject that could make a point, with everybody who could hold
    /// it. Whether it was every one.
    pub(super) fn tokens(&self, policy: &Policy, mut visit: impl FnMut(Token)) -> bool {
        let denials = denying(policy, &self.issuer);
        let denials: Vec<&Condition> = denials.flat_map(|deny| &deny.conditions).collect();
        let wanted = Wanted {
            musts: self.statement.conditions.iter().collect(),
            denials,
            issuer: &self.issuer,
            version: self.version,
            marker: &self.marker,
        };
        let (fillings, late) = (wanted.fillings(), Late::of(&wanted));
        let readings = Readings::of(&wanted, &fillings);
        let named = self.named(&wanted.denials, &readings);
        let holdings: Vec<Holding> = self
            .subjects(&named, &readings)
            .into_iter()
            .map(|subject| self.holding(subject, &named))
            .collect();
        let count: usize = holdings.iter().map(Holding::count).sum();
        // The best ways to fill the other keys come first.
        let ways = (MAX_TOKENS / count.max(1)).max(1);
        let mut left = MAX_TOKENS;
        for holding in &holdings {
            let Some(rest) = left.checked_sub(holding.count()) else {
                return false;
            };
            left = rest;
            for (holder, run) in holding.pairs() {
                for filling in fillings.iter().take(ways) {
                    let subject = (&*holding.subject, &Subject::parse(&holding.subject));
                    let mut token = build(&self.issuer, subject, holder, run, filling);
                    late.complete(&mut token.request);
                    visit(token);
                }
            }
        }
        true
    }

    fn holding(&self, subject: String, named: &Named) -> Holding {
        let parsed = Subject::parse(&subject);
        Holding {
            runs: runs(&parsed, named, &self.marker),
            holders: self.holders(&parsed, named),
            subject,
        }
    }

    fn holders(&self, subject: &Subject<'_>, named: &Named) -> Vec<Identity> {
        let mut holders = holders(subject, named, &self.marker);
        if !self.on_claim("enterprise_id").is_empty() {
            let colleagues: Vec<_> = holders.iter().filter_map(Identity::as_colleague).collect();
            holders.extend(colleagues);
        }
        holders
    }
}

/// The numbers on both sides of what a condition compares with.
fn neighbours(condition: &Condition) -> Vec<String> {
    match condition.operator.base {
        Base::Numeric(Comparison::Equals | Comparison::NotEquals) => return Vec::new(),
        Base::Numeric(_) => {}
        _ => return Vec::new(),
    }
    let values = condition.values.iter();
    let numbers = values.filter_map(|value| value.text.parse::<u64>().ok());
    numbers
        .flat_map(|number| [number.saturating_sub(1), number.saturating_add(1)])
        .map(|number| number.to_string())
        .collect()
}
