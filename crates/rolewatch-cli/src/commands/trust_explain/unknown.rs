//! What a request has without our knowing it: nobody said it, so a condition that reads it may hold
//! or not.

use iam_trust::{
    Base, ConditionTrace, Effect, Explanation, Got, Operator, Policy, Request, StatementTrace,
    Version, evaluate,
};

/// Keys that every call has ("AWS global condition context keys"). The time is now
/// unless it is said.
const ALWAYS: [&str; 7] = [
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:SourceIp",
    "aws:UserAgent",
    "aws:ViaAWSService",
    "sts:DurationSeconds",
    "sts:RoleSessionName",
];

/// Stands for a value that nobody said.
const SOMETHING: &str = "a value that nobody said";

/// What a policy makes of a request of which not all is known.
pub(crate) struct Judged {
    pub(crate) explanation: Explanation,
    /// The keys on which the verdict hangs, as the policy spells them; none where it stands whatever
    /// they are.
    pub(crate) open: Vec<String>,
}

/// Asks a policy. What hangs on what nobody said is not allowed, and the reason says so.
pub(crate) fn judge(policy: &Policy, request: &Request) -> Judged {
    let unknown = Unknown::of(policy, request);
    let mut whole = request.clone();
    for key in &unknown.keys {
        let something = vec![SOMETHING.to_owned()];
        whole.context.insert((*key).to_owned(), something);
    }
    let mut explanation = evaluate(policy, &whole);
    let open = unknown.open(&explanation);
    if !open.is_empty() {
        explanation.allowed = false;
        explanation.reason = format!("not known: it hangs on {}", open.join(" and "));
    }
    let conditions = explanation.statements.iter_mut();
    for trace in conditions.flat_map(|one| &mut one.conditions) {
        if unknown.has(&trace.key) && !asks_presence(trace) {
            trace.got = Got::Missing;
        }
    }
    Judged { explanation, open }
}

/// The keys that a request has with values that nobody said.
pub(super) struct Unknown {
    keys: Vec<&'static str>,
    version: Version,
}

impl Unknown {
    pub(super) fn of(policy: &Policy, request: &Request) -> Self {
        let said = |key: &str| {
            let mut said = request.context.keys();
            said.any(|said| said.eq_ignore_ascii_case(key))
        };
        Self {
            keys: ALWAYS.into_iter().filter(|key| !said(key)).collect(),
            version: policy.version,
        }
    }

    fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|it| it.eq_ignore_ascii_case(key))
    }

    /// The keys on which a condition hangs, as the policy spells them: its own, and those that its
    /// values read.
    pub(super) fn of_condition<'t>(&self, trace: &'t ConditionTrace) -> Vec<&'t str> {
        if asks_presence(trace) {
            return Vec::new();
        }
        let own = self.has(&trace.key);
        let mut keys: Vec<&str> = own.then_some(&*trace.key).into_iter().collect();
        for wanted in &trace.wanted {
            if own || may_turn(trace, wanted) {
                let read = self.variables(wanted).into_iter();
                keys.extend(read.filter(|key| self.has(key)));
            }
        }
        keys
    }

    /// The keys that a value reads.
    fn variables<'t>(&self, wanted: &'t str) -> Vec<&'t str> {
        if self.version != Version::V2012 {
            return Vec::new();
        }
        let parts = wanted.split("${").skip(1);
        let inside = parts.filter_map(|part| part.split_once('}'));
        let keys = inside.map(|(inside, _)| inside.split(',').next().unwrap_or(inside).trim());
        keys.collect()
    }

    fn open(&self, explanation: &Explanation) -> Vec<String> {
        let of = |effect: Effect, state: State| {
            let statements = explanation.statements.iter();
            let statements = statements.filter(move |one| one.effect == effect);
            statements.filter(move |one| self.state(one) == state)
        };
        let denied = of(Effect::Deny, State::Matches).next().is_some();
        let allowed = of(Effect::Allow, State::Matches).next().is_some();
        if denied {
            return Vec::new();
        }
        let mut hanging: Vec<&StatementTrace> = Vec::new();
        if !allowed {
            hanging.extend(of(Effect::Allow, State::Open));
        }
        if allowed || !hanging.is_empty() {
            hanging.extend(of(Effect::Deny, State::Open));
        }
        let conditions = hanging.iter().flat_map(|one| &one.conditions);
        let mut keys: Vec<String> = Vec::new();
        for unknown in conditions.flat_map(|one| self.of_condition(one)) {
            if !keys.iter().any(|key| key.eq_ignore_ascii_case(unknown)) {
                keys.push(unknown.to_owned());
            }
        }
        keys
    }

    fn state(&self, trace: &StatementTrace) -> State {
        let (known, unknown): (Vec<_>, Vec<_>) = trace
            .conditions
            .iter()
            .partition(|one| self.of_condition(one).is_empty());
        let fails = !trace.principal || !trace.action || known.iter().any(|one| !one.matched);
        match (fails, unknown.is_empty()) {
            (true, _) => State::DoesNot,
            (false, true) => State::Matches,
            (false, false) => State::Open,
        }
    }
}

/// What is known of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Matches,
    DoesNot,
    Open,
}

/// Whether a condition asks only if its key is there, as one is that every call has.
fn asks_presence(trace: &ConditionTrace) -> bool {
    Operator::parse(&trace.operator).is_some_and(|it| it.base == Base::Null)
}

/// Whether a condition may come out the other way by what the variables of a value stand for. They
/// stand for nothing yet that matches, and another value may have done so.
fn may_turn(trace: &ConditionTrace, wanted: &str) -> bool {
    let Some(operator) = Operator::parse(&trace.operator) else {
        return true;
    };
    let got = match &trace.got {
        Got::Missing => return false,
        Got::One(got) => std::slice::from_ref(got),
        Got::Several(got) => got,
    };
    let settled = trace.matched != operator.is_negated();
    !settled && (!operator.compares_text() || got.iter().any(|got| may_match(wanted, got)))
}

/// Whether a text begins and ends as a value does around its variables and wildcards, in any case.
fn may_match(wanted: &str, got: &str) -> bool {
    let (wanted, got) = (wanted.to_lowercase(), got.to_lowercase());
    let begin = wanted.find(['$', '*', '?']).unwrap_or(wanted.len());
    let end = wanted.rfind(['}', '*', '?']).map_or(0, |last| last + 1);
    let (begin, end) = (wanted.get(..begin), wanted.get(end..));
    begin.is_some_and(|begin| got.starts_with(begin)) && end.is_some_and(|end| got.ends_with(end))
}
