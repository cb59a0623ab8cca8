//! IAM role ARNs.

use super::{Invalid, check_text};
use crate::pattern::Pattern;

const HELP: &str = "write the IAM role's ARN, such as arn:aws:iam::123456789012:role/deploy";

/// A pattern for IAM role ARNs, matched field by field: no wildcard crosses a ':'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RolePattern {
    partition: Pattern,
    account: Pattern,
    /// Path and name, what follows `role/`.
    name: Pattern,
    text: String,
}

impl RolePattern {
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        check_text(text)?;
        let fields: Vec<&str> = text.split(':').collect();
        let &["arn", partition, service, "", account, resource] = fields.as_slice() else {
            return Err(Invalid::new(
                format!("`{text}` is not the ARN of a role"),
                HELP,
            ));
        };
        let Some(name) = resource.strip_prefix("role/").filter(|_| service == "iam") else {
            return Err(not_a_role(text, service, resource, account));
        };
        if name.is_empty() || !name.chars().all(is_role_character) {
            return Err(Invalid::new(
                format!("`{name}` is not the name of a role"),
                "a role's name has letters, digits and _+=,.@-, its path also '/'; patterns know * and ?",
            ));
        }
        if !account
            .chars()
            .all(|c| c.is_ascii_digit() || c == '*' || c == '?')
            || (account.len() != 12 && !account.contains('*'))
        {
            return Err(Invalid::new(
                format!("`{account}` is not an AWS account"),
                "an account has 12 digits; patterns know * and ?",
            ));
        }
        Ok(Self {
            partition: Pattern::new(partition),
            account: Pattern::new(account),
            name: Pattern::new(name),
            text: text.to_owned(),
        })
    }

    pub(crate) fn matches(&self, role_arn: &str) -> bool {
        self.matches_by(role_arn, Pattern::matches)
    }

    pub(crate) fn matches_but_for_case(&self, role_arn: &str) -> bool {
        self.matches_by(role_arn, Pattern::matches_but_for_case)
    }

    fn matches_by(&self, role_arn: &str, matches: fn(&Pattern, &str) -> bool) -> bool {
        let mut fields = role_arn.splitn(6, ':');
        let mut next = || fields.next().unwrap_or_default();
        let (arn, partition, service, region) = (next(), next(), next(), next());
        let (account, resource) = (next(), next());
        arn == "arn"
            && service == "iam"
            && region.is_empty()
            && matches(&self.partition, partition)
            && matches(&self.account, account)
            && resource
                .strip_prefix("role/")
                .is_some_and(|name| !name.contains(':') && matches(&self.name, name))
    }

    pub(crate) fn is_literal(&self) -> bool {
        [&self.partition, &self.account, &self.name]
            .into_iter()
            .all(Pattern::is_literal)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

fn not_a_role(text: &str, service: &str, resource: &str, account: &str) -> Invalid {
    let session_role = resource
        .strip_prefix("assumed-role/")
        .filter(|_| service == "sts")
        .and_then(|rest| rest.split('/').next());
    let help = match session_role {
        Some(role) => format!(
            "this is a session; write its role, arn:aws:iam::{account}:role/{role}, with the role's path"
        ),
        None => HELP.to_owned(),
    };
    Invalid::new(format!("`{text}` is not the ARN of a role"), help)
}

fn is_role_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-/*?".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_within_their_arn_field() {
        let pattern = RolePattern::parse("arn:aws:iam::*:role/legacy-*").unwrap();
        assert!(pattern.matches("arn:aws:iam::123456789012:role/legacy-a"));
        assert!(pattern.matches("arn:aws:iam::123456789012:role/legacy-a/b"));
        assert!(!pattern.matches("arn:aws:iam::1:x:role/legacy-a"));
        assert!(!pattern.matches("arn:aws:iam::123456789012:user/legacy-a"));
        assert!(!pattern.matches("arn:aws-cn:iam::123456789012:role/legacy-a"));
        assert!(!pattern.matches("arn:aws:sts::123456789012:role/legacy-a"));
        assert!(!pattern.matches("arn:aws:iam::123456789012:role/Legacy-a"));
        assert!(pattern.matches_but_for_case("arn:aws:iam::123456789012:role/Legacy-a"));
        assert!(!pattern.matches(""));
    }

    #[test]
    fn only_role_arns_are_patterns() {
        for text in [
            "GitHubActionsDeployRole",
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:sts::123456789012:assumed-role/x/y",
            "arn:aws:iam:us-east-1:123456789012:role/x",
            "arn:aws:iam::12345:role/x",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/a b",
            "arn:aws:iam::123456789012:role/a:b",
            "*",
        ] {
            assert!(RolePattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_session_is_answered_with_its_role() {
        let invalid = RolePattern::parse("arn:aws:sts::123456789012:assumed-role/x/y").unwrap_err();
        assert!(
            invalid.help.contains("arn:aws:iam::123456789012:role/x"),
            "{}",
            invalid.help
        );
    }
}
