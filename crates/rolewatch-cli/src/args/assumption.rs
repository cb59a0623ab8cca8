//! What an assumption that somebody asks about is made of: what AWS and GitHub never have is refused.

use std::net::IpAddr;

use github_oidc::Subject;

/// The shortest and the longest session that STS gives, in seconds.
const SESSIONS: std::ops::RangeInclusive<u64> = 900..=12 * 60 * 60;

/// A role's ARN.
pub(super) fn parse_role(text: &str) -> Result<String, String> {
    let mut parts = text.splitn(6, ':');
    let is_arn = parts.next() == Some("arn");
    let partition = parts.next().unwrap_or_default();
    let is_arn = is_arn && partition.starts_with("aws");
    let (service, region) = (parts.next(), parts.next());
    let account = parts.next().unwrap_or_default();
    let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
    let name = parts.next().unwrap_or_default();
    let named = |kind| name.strip_prefix(kind).filter(|name| !name.is_empty());
    if is_arn && is_account && (service, region) == (Some("iam"), Some("")) {
        if named("role/").is_some() {
            return Ok(text.to_owned());
        }
    } else if let (true, Some("sts"), Some(session)) = (is_arn, service, named("assumed-role/")) {
        let role = session.split('/').next().unwrap_or_default();
        return Err(format!(
            "that is a session's ARN; its role's is arn:{partition}:iam::{account}:role/{role}, with the role's path where it has one"
        ));
    }
    Err("not a role's ARN; write one such as arn:aws:iam::123456789012:role/deploy".to_owned())
}

/// A length of a session that STS gives.
pub(super) fn parse_sts_session(text: &str) -> Result<u64, String> {
    let seconds = super::parse_session(text)?;
    if SESSIONS.contains(&seconds) {
        Ok(seconds)
    } else {
        Err("no session is as long: STS gives 15m to 12h".to_owned())
    }
}

/// An address.
pub(super) fn parse_address(text: &str) -> Result<String, String> {
    let address: Result<IpAddr, _> = text.parse();
    address
        .map(|_| text.to_owned())
        .map_err(|_| "not an address; write one such as 203.0.113.7 or 2001:db8::7".to_owned())
}

/// What to say of a subject in which the name of an environment has a ':' of its own.
pub(crate) fn hint_of_subject(subject: &str) -> Option<String> {
    let meant = with_escaped_environment(subject)?;
    Some(format!(
        "in the name of an environment GitHub writes ':' as %3A: {meant}"
    ))
}

fn with_escaped_environment(subject: &str) -> Option<String> {
    let (head, environment) = subject.split_once(":environment:")?;
    // What can be read with the name of another claim in it is a customised subject, and well.
    let is_torn = matches!(Subject::parse(subject), Subject::Unparsable(_));
    let is_meant = is_torn && environment.contains(':') && is_repository(head);
    is_meant.then(|| format!("{head}:environment:{}", environment.replace(':', "%3A")))
}

fn is_repository(head: &str) -> bool {
    head.strip_prefix("repo:")
        .is_some_and(|name| !name.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_assumption_has_is_refused_with_what_to_write() {
        let role = "arn:aws-us-gov:iam::123456789012:role/ci/deploy";
        assert_eq!(parse_role(role).unwrap(), role);
        for text in [
            "prod",
            "arn:aws:iam::12345678901x:role/a",
            "arn:aws:iam::123456789012:role/",
        ] {
            assert!(
                parse_role(text).unwrap_err().contains("write one such as"),
                "{text}"
            );
        }
        let session = parse_role("arn:aws:sts::123456789012:assumed-role/deploy/run-1");
        assert!(
            session
                .unwrap_err()
                .contains("arn:aws:iam::123456789012:role/deploy")
        );
        assert_eq!(parse_sts_session("15m"), Ok(900));
        for text in ["5m", "13h"] {
            assert!(parse_sts_session(text).unwrap_err().contains("15m to 12h"));
        }
        assert!(parse_address("banana").is_err() && parse_address("2001:db8::7").is_ok());
    }

    #[test]
    fn a_colon_in_an_environment_is_told_from_a_custom_subject() {
        let meant = with_escaped_environment;
        assert_eq!(
            meant("repo:a/b:environment:prod:eu").as_deref(),
            Some("repo:a/b:environment:prod%3Aeu")
        );
        for subject in [
            "repo:a/b:environment:prod",
            "repo:a/b:environment:prod%3Aeu",
            "repo:a/b:environment:prod:job_workflow_ref:a/b/.github/workflows/x.yml@refs/heads/main",
            "repo:a/b:ref:refs/heads/main",
        ] {
            assert_eq!(meant(subject), None, "{subject}");
        }
    }
}
