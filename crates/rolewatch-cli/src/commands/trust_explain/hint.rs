//! Why a condition on the subject usually fails, for people who have not met it before.

use github_oidc::{Context, Form, Issuer, Subject};
use iam_trust::{ConditionTrace, Effect, Got, PrincipalEntry, Request, Role, is_condition_key};

/// What to look at, where the failure is a known one.
pub(super) fn hint(request: &Request, trace: &ConditionTrace) -> Option<String> {
    let claim = trace.key.rsplit(':').next()?.to_ascii_lowercase();
    match &trace.got {
        Got::Missing => missing(request, &trace.key, &claim),
        Got::One(got) if claim == "sub" => subject(got, &trace.wanted),
        Got::One(got) if claim == "aud" => Some(format!(
            "the token was made for the audience {got}; the AWS action asks for another with its \
             input `audience`"
        )),
        Got::One(got) => case(got, &trace.wanted),
        Got::Several(_) => None,
    }
}

/// Whom a policy trusts instead, where it trusts another issuer of GitHub's than the request's.
pub(super) fn issuer(request: &Request, role: &Role, asked_by_option: bool) -> Option<String> {
    let allows = role.policy.statements.iter();
    let entries = allows
        .filter(|statement| statement.effect == Effect::Allow)
        .flat_map(|statement| &statement.principals.entries);
    let trusted: Vec<Issuer> = entries.filter_map(PrincipalEntry::github_issuer).collect();
    let other = trusted.first()?;
    if trusted.contains(&request.issuer) {
        return None;
    }
    let hint = format!("this policy trusts {}", other.provider());
    Some(if asked_by_option {
        format!("{hint}: say --issuer {}", other.url())
    } else {
        hint
    })
}

fn missing(request: &Request, key: &str, claim: &str) -> Option<String> {
    let provider = format!("{}:", request.issuer.provider());
    let of_provider = key.to_ascii_lowercase().starts_with(&provider);
    if !of_provider {
        return None;
    }
    Some(if is_condition_key(&request.issuer, claim) {
        format!("STS knows the claim `{claim}`, but this token does not say it; --claim adds it")
    } else {
        format!("STS makes no condition key of the claim `{claim}`: no token can satisfy this")
    })
}

fn subject(got: &str, wanted: &[String]) -> Option<String> {
    case(got, wanted).or_else(|| {
        let have = Subject::parse(got);
        wanted
            .iter()
            .find_map(|text| compare(&have, &Subject::parse(text)))
    })
}

/// Two subjects that differ in one way.
fn compare(have: &Subject<'_>, want: &Subject<'_>) -> Option<String> {
    let (ours, theirs) = (have.repository()?, want.repository()?);
    let same_names = ours.full_name() == theirs.full_name();
    if !same_names {
        return None;
    }
    match (have.form(), want.form()) {
        (Form::Immutable, Form::Classic) => {
            return Some(format!(
                "this repository signs the immutable subject, with ids; the policy wants the \
                 classic one: add a value that begins with repo:{ours}:"
            ));
        }
        (Form::Classic, Form::Immutable) => {
            return Some(
                "this repository signs the classic subject, without ids; the policy wants the \
                 immutable one"
                    .to_owned(),
            );
        }
        _ => {}
    }
    match (have.context()?, want.context()?) {
        (Context::Environment(name), Context::Branch(_) | Context::Tag(_)) => Some(format!(
            "the job names the environment {name}, and then the subject says that instead of the \
             branch or tag"
        )),
        (Context::Branch(_) | Context::Tag(_), Context::Environment(name)) => Some(format!(
            "the subject says an environment only where the job names one: `environment: {name}`"
        )),
        (Context::PullRequest, _) => Some(
            "the workflow was started by a pull request, and then the subject says that instead \
             of the branch"
                .to_owned(),
        ),
        _ => None,
    }
}

fn case(got: &str, wanted: &[String]) -> Option<String> {
    let near = wanted.iter().find(|it| it.eq_ignore_ascii_case(got))?;
    (near != got).then(|| "they differ in upper and lower case alone, which counts here".to_owned())
}
