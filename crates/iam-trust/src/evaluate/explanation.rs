//! The trace of an evaluation.

use serde::Serialize;

use crate::place::Place;
use crate::policy::Effect;

/// The verdict, the reason, and how each statement took part in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Whether the request gets in.
    pub allowed: bool,
    /// Why, in one sentence without a full stop. It may quote the subject, which is
    /// attacker-controlled text.
    pub reason: String,
    /// Every statement, in the order of the policy.
    pub statements: Vec<StatementTrace>,
}

/// How one statement took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementTrace {
    /// Its number, from 0.
    pub index: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its effect.
    pub effect: Effect,
    /// Whether all of it matched.
    pub matched: bool,
    /// Whether it is about this provider.
    pub principal: bool,
    /// Whether it is about `sts:AssumeRoleWithWebIdentity`.
    pub action: bool,
    /// Its conditions, in the order of the policy.
    pub conditions: Vec<ConditionTrace>,
    /// Where it stands.
    #[serde(skip)]
    pub place: Place,
}

/// How one condition came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionTrace {
    /// The operator as the policy spells it.
    pub operator: String,
    /// The key as the policy spells it.
    pub key: String,
    /// The values that the policy wants (or rules out).
    pub wanted: Vec<String>,
    /// What the request has.
    pub got: Got,
    /// Whether the condition holds.
    pub matched: bool,
    /// Where it stands.
    #[serde(skip)]
    pub place: Place,
}

/// The values of a key in the request: `null`, a text, or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Got {
    /// The request has no such key, or it is a claim that STS makes no key of.
    Missing,
    /// One value.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Got {
    pub(crate) fn of(values: Option<&[String]>) -> Self {
        match values {
            None | Some([]) => Self::Missing,
            Some([value]) => Self::One(value.clone()),
            Some(values) => Self::Several(values.to_vec()),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Missing => "the request has no such key".to_owned(),
            Self::One(value) => format!("the request has {value:?}"),
            Self::Several(values) => format!("the request has {values:?}"),
        }
    }
}

impl Explanation {
    pub(super) fn of(statements: Vec<StatementTrace>) -> Self {
        let by = |effect| {
            let mut matched = statements.iter().filter(|one| one.matched);
            matched.find(|one| one.effect == effect)
        };
        let (allowed, reason) = match (by(Effect::Deny), by(Effect::Allow)) {
            (Some(deny), _) => (false, format!("{} denies it", deny.name())),
            (None, Some(allow)) => (true, format!("{} allows it", allow.name())),
            (None, None) => (false, refusal(&statements)),
        };
        Self {
            allowed,
            reason,
            statements,
        }
    }
}

/// Why nothing allows the request: the Allow that came nearest.
fn refusal(statements: &[StatementTrace]) -> String {
    let allows = statements.iter().filter(|one| one.effect == Effect::Allow);
    match allows.min_by_key(|one| one.distance()) {
        None => "no statement allows anything".to_owned(),
        Some(nearest) => format!("no statement allows it: {}", nearest.complaint()),
    }
}

impl StatementTrace {
    fn name(&self) -> String {
        match &self.sid {
            Some(sid) => format!("statement {} ({sid:?})", self.index),
            None => format!("statement {}", self.index),
        }
    }

    /// How far it is from matching, the gravest first.
    fn distance(&self) -> (bool, bool, usize) {
        let failed = self.conditions.iter().filter(|one| !one.matched).count();
        (!self.principal, !self.action, failed)
    }

    fn complaint(&self) -> String {
        let name = self.name();
        if !self.principal {
            return format!("{name} is not about this identity provider");
        }
        if !self.action {
            return format!("{name} is not about sts:AssumeRoleWithWebIdentity");
        }
        match self.conditions.iter().find(|one| !one.matched) {
            None => name,
            Some(failed) => format!("{name}: {}", failed.complaint()),
        }
    }
}

impl ConditionTrace {
    fn complaint(&self) -> String {
        let wanted = match &*self.wanted {
            [one] => format!("{one:?}"),
            all => format!("one of {all:?}"),
        };
        let (operator, key, got) = (&self.operator, &self.key, self.got.describe());
        format!("{operator} on {key} wants {wanted}, {got}")
    }
}
