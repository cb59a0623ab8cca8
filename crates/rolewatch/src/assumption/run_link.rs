//! A link to the workflow run. The user agent and the session's name are the caller's to
//! choose: the link is a hint, and is marked as one wherever it is shown.

use github_oidc::{Issuer, Subject};

use super::Assumption;

/// What configure-aws-credentials puts before the run's id in its user agent (since 6.2.0).
const USER_AGENT_MARK: &str = "md/run_id#";
/// A run's id has grown to eleven digits; account ids have twelve.
const RUN_ID_DIGITS: std::ops::RangeInclusive<usize> = 9..=11;
/// A run id in a user agent is taken as it stands up to this length.
const LONGEST_RUN_ID: usize = 20;

/// The page of the run that this session says it belongs to, if its repository is known.
#[must_use]
pub fn run_url(assumption: &Assumption) -> Option<String> {
    let issuer: Issuer = assumption.issuer.parse().ok()?;
    let subject = Subject::parse(&assumption.subject);
    let repository = subject.repository()?.full_name();
    if !repository
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
    {
        return None;
    }
    let run_id = from_user_agent(assumption.user_agent.as_deref().unwrap_or_default())
        .or_else(|| from_session_name(assumption.role_session_name.as_deref()?))?;
    Some(format!(
        "{}/{repository}/actions/runs/{run_id}",
        issuer.web_url()
    ))
}

fn from_user_agent(user_agent: &str) -> Option<&str> {
    let (_, rest) = user_agent.split_once(USER_AGENT_MARK)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    (1..=LONGEST_RUN_ID).contains(&end).then(|| &rest[..end])
}

/// The one number in the name that is as long as a run's id.
fn from_session_name(name: &str) -> Option<&str> {
    let mut numbers = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| RUN_ID_DIGITS.contains(&digits.len()) && !digits.starts_with('0'));
    let first = numbers.next()?;
    numbers.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_in_user_agents() {
        let agent = "aws-sdk-js/3 md/run_id#19512345678 md/attempt#2";
        assert_eq!(from_user_agent(agent), Some("19512345678"));
        assert_eq!(from_user_agent("md/run_id#../../evil"), None);
        assert_eq!(from_user_agent("md/run_id#"), None);
        assert_eq!(
            from_user_agent(&format!("md/run_id#{}", "9".repeat(400))),
            None
        );
    }

    #[test]
    fn run_ids_in_session_names() {
        assert_eq!(
            from_session_name("deploy-19512345678-1"),
            Some("19512345678")
        );
        assert_eq!(from_session_name("GitHubActions"), None);
        assert_eq!(from_session_name("123456789012"), None, "an account");
        assert_eq!(
            from_session_name("1951234567-1951234568"),
            None,
            "which of them?"
        );
    }
}
