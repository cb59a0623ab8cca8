//! Who is mentioned in a message, by how much it weighs.

use std::collections::BTreeMap;

use crate::finding::Severity;

/// Mentions, by severity. They are the operator's own; no text of a record becomes one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions(BTreeMap<Severity, String>);

/// Why a text is no mentions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MentionError {
    /// It is not of the form that is wanted.
    #[error("{0:?} is not SEVERITY=WHO, such as critical=here or high=S0123ABCD,U0123ABCD")]
    Form(String),
    /// There is no such severity.
    #[error("{0:?} is no severity")]
    Severity(String),
    /// It is nobody.
    #[error(
        "{0:?} is neither here, channel nor the id of a member (U…, W…) or a user group (S…), which Slack shows in the profile"
    )]
    Who(String),
    /// It is said twice.
    #[error("{0} is said twice")]
    Twice(&'static str),
}

impl Mentions {
    /// From `critical=here high=S0123ABCD,U0123ABCD`.
    ///
    /// # Errors
    /// What is not of this form.
    pub fn parse(text: &str) -> Result<Self, MentionError> {
        let mut mentions = BTreeMap::new();
        for part in text.split_whitespace() {
            let pair = part.split_once('=').filter(|(_, all)| !all.is_empty());
            let (word, all) = pair.ok_or_else(|| MentionError::Form(part.to_owned()))?;
            let severity = Severity::ALL.iter().find(|it| it.as_str() == word);
            let severity = severity.ok_or_else(|| MentionError::Severity(word.to_owned()))?;
            let who: Result<Vec<String>, _> = all.split(',').map(markup).collect();
            if mentions.insert(*severity, who?.join(" ")).is_some() {
                return Err(MentionError::Twice(severity.as_str()));
            }
        }
        Ok(Self(mentions))
    }

    /// Slack's markup of those to mention, if there are any.
    pub(super) fn of(&self, severity: Severity) -> Option<&str> {
        self.0.get(&severity).map(String::as_str)
    }
}

fn markup(who: &str) -> Result<String, MentionError> {
    let is_id = who.len() >= 9
        && who
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    match who.bytes().next() {
        _ if matches!(who, "here" | "channel") => Ok(format!("<!{who}>")),
        Some(b'U' | b'W') if is_id => Ok(format!("<@{who}>")),
        Some(b'S') if is_id => Ok(format!("<!subteam^{who}>")),
        _ => Err(MentionError::Who(who.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_of_members_groups_and_who_is_here() {
        let mentions =
            Mentions::parse("critical=here,S0123ABCD  high=U0123ABCD medium=channel").unwrap();
        let of = |severity| mentions.of(severity);
        assert_eq!(of(Severity::Critical), Some("<!here> <!subteam^S0123ABCD>"));
        assert_eq!(of(Severity::High), Some("<@U0123ABCD>"));
        assert_eq!(of(Severity::Medium), Some("<!channel>"));
        assert_eq!(of(Severity::Low), None);
        assert_eq!(Mentions::parse(" "), Ok(Mentions::default()));
    }

    #[test]
    fn anything_else_is_said_to_be_wrong() {
        for (text, problem) in [
            ("critical", "is not SEVERITY=WHO"),
            ("critical=", "is not SEVERITY=WHO"),
            ("Critical=here", "is no severity"),
            ("critical=@here", "neither here"),
            ("critical=everyone", "neither here"),
            ("critical=U0123>AB", "neither here"),
            ("critical=S012,", "neither here"),
            ("high=here high=channel", "high is said twice"),
        ] {
            let error = Mentions::parse(text).unwrap_err().to_string();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
