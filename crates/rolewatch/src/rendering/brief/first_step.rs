//! What to do first: what the check's own page says first, and for a critical finding the exact
//! command.

use crate::alert::{About, Alert};
use crate::checks::{DRILL, pages};
use crate::finding::Severity;
use crate::words::role_name;

/// The longest name of an IAM role.
const LONGEST_NAME: usize = 64;

/// The first thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstStep {
    /// In a sentence.
    pub text: String,
    /// A command for a shell, where there is one; lines of at most 68 columns.
    pub command: Option<String>,
    /// What has to follow the command, in a sentence or two: the second step.
    pub then: Option<String>,
}

/// The first step that the page of the alert's check names; none for a check of a newer version.
pub(super) fn first_step(alert: &Alert) -> Option<FirstStep> {
    let page = pages().into_iter().find(|page| page.id == alert.check)?;
    let role = alert.event.as_ref().and_then(|it| it.role_arn.as_deref());
    let is_drill = alert.about == About::Drill;
    // Nobody is to end the sessions of a role in a drill.
    let command = role
        .filter(|_| alert.severity == Severity::Critical && !is_drill)
        .and_then(revoke);
    let item = item(page.explanation, 1)?;
    let then = command
        .as_ref()
        .and_then(|_| self::item(page.explanation, 2));
    let end = match &command {
        Some(_) => ":",
        None if item.ends_with('?') => "",
        None => ".",
    };
    let drill = if is_drill && alert.check != DRILL.id {
        "Nothing, this is a drill. In earnest: "
    } else {
        ""
    };
    let text = format!("{drill}{item}{end}");
    Some(FirstStep {
        text,
        command,
        then: then.map(|it| format!("{it}.")),
    })
}

/// An item of the list under "What to do", without its code and its last stop. What is no list has
/// a first item all the same.
fn item(page: &str, number: usize) -> Option<String> {
    let (_, todo) = page.split_once("## What to do\n")?;
    let todo = format!("\n{}", todo.trim_start());
    let item = match todo.split_once(&format!("\n{number}. ")) {
        Some((_, item)) => item,
        None if number == 1 => todo.trim_start(),
        None => return None,
    };
    let lines = item
        .lines()
        .take_while(|line| !line.trim().is_empty() && !is_next(line));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ").replace('`', "'");
    Some(text.trim_end_matches(['.', ':']).to_owned())
}

/// Whether a line begins a block of code, or the next item.
fn is_next(line: &str) -> bool {
    line.trim_start().starts_with("```") || line.starts_with(|c: char| c.is_ascii_digit())
}

/// Ends every session of the role that was issued until now, as the console's "Revoke active
/// sessions" does. Only for a name that IAM can have: it is put into a shell.
fn revoke(role_arn: &str) -> Option<String> {
    let name = role_name(role_arn);
    let is_name = (1..=LONGEST_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
        && !name.starts_with('-');
    is_name.then(|| {
        format!(
            "aws iam put-role-policy --role-name \\\n  {name} \\\n  \
             --policy-name AWSRevokeOlderSessions --policy-document \\\n  \
             '{{\"Version\": \"2012-10-17\", \"Statement\": [{{\n  \
             \"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\",\n  \
             \"Condition\": {{\"DateLessThan\": {{\"aws:TokenIssueTime\":\n  \
             \"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'\"}}}}}}]}}'"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Page;

    #[test]
    fn every_page_has_a_first_step() {
        for page in pages() {
            let text = item(page.explanation, 1).unwrap();
            let length = text.chars().count();
            assert!((10..=400).contains(&length), "{}: {text}", page.id);
        }
    }

    #[test]
    fn what_has_to_follow_is_the_second_item() {
        let page = "## What to do\n1. Do this:\n   ```sh\n   x 2. y\n   ```\n2. That is not\n   `all`.\n3. More.\n";
        assert_eq!(item(page, 1).unwrap(), "Do this");
        assert_eq!(item(page, 2).unwrap(), "That is not 'all'");
        assert_eq!(item(page, 4), None);
        let revoking = |page: &&Page| page.explanation.contains("put-role-policy");
        for page in pages().iter().filter(revoking) {
            assert!(item(page.explanation, 2).is_some(), "{}", page.id);
        }
    }

    #[test]
    fn a_command_is_only_made_of_a_role_s_name() {
        let command = revoke("arn:aws:iam::123456789012:role/team/deploy").unwrap();
        assert!(command.contains("\n  deploy \\\n"), "{command}");
        assert!(command.lines().all(|line| line.len() <= 68), "{command}");
        for name in ["a;b", "$(id)", "a b", "a'b", "", "-x", &"a".repeat(65)] {
            assert_eq!(
                revoke(&format!("arn:aws:iam::1:role/{name}")),
                None,
                "{name}"
            );
        }
    }
}
