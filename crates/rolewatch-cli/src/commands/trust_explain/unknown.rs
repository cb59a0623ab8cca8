//! What a request has without our knowing it: nobody said it, so a condition on it may hold or not.

use iam_trust::{ConditionTrace, Effect, Explanation, Request, StatementTrace};

/// Keys that every call has, in lower case ("AWS global condition context keys"). The time is now
/// unless it is said.
const ALWAYS: [&str; 7] = [
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:sourceip",
    "aws:useragent",
    "aws:viaawsservice",
    "sts:durationseconds",
    "sts:rolesessionname",
];

/// Whether a condition is on a key that the request has with a value that nobody said.
pub(super) fn is_unknown(request: &Request, trace: &ConditionTrace) -> bool {
    let key = trace.key.to_ascii_lowercase();
    let mut said = request.context.keys();
    ALWAYS.contains(&&*key) && !said.any(|said| said.eq_ignore_ascii_case(&key))
}

/// The keys on which the verdict hangs, as the policy spells them; none where it stands whatever
/// they are.
pub(super) fn open(request: &Request, explanation: &Explanation) -> Vec<String> {
    let of = |effect: Effect, state: State| {
        let statements = explanation.statements.iter();
        let statements = statements.filter(move |one| one.effect == effect);
        statements.filter(move |one| state_of(request, one) == state)
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
    let unknown = conditions.filter(|one| is_unknown(request, one));
    let mut keys: Vec<String> = Vec::new();
    for trace in unknown {
        if !keys.iter().any(|key| key.eq_ignore_ascii_case(&trace.key)) {
            keys.push(trace.key.clone());
        }
    }
    keys
}

/// What is known of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Matches,
    DoesNot,
    Open,
}

fn state_of(request: &Request, trace: &StatementTrace) -> State {
    let (unknown, known): (Vec<_>, Vec<_>) = trace
        .conditions
        .iter()
        .partition(|one| is_unknown(request, one));
    let fails = !trace.principal || !trace.action || known.iter().any(|one| !one.matched);
    match (fails, unknown.is_empty()) {
        (true, _) => State::DoesNot,
        (false, true) => State::Matches,
        (false, false) => State::Open,
    }
}
