//! What learnt rules are called: after role and caller, and where several share these, after
//! what tells them apart.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Whose};
use crate::new_rule::cut_name;
use crate::words::role_name;

/// A word that tells two apart is cut to so many characters.
const LONGEST_WORD: usize = 60;

/// A name for each, no two alike.
pub(super) fn names<'a>(drafts: impl Iterator<Item = &'a Draft<'a>>) -> Vec<String> {
    let drafts: Vec<(String, &Draft<'_>)> = drafts.map(|draft| (short(draft), draft)).collect();
    let mut alike: BTreeMap<&str, Alike<'_>> = BTreeMap::new();
    for (short, draft) in &drafts {
        alike.entry(short).or_default().add(draft);
    }
    let mut given = Given::default();
    let long = drafts.iter().map(|(short, draft)| {
        let mut words = vec![short.clone()];
        words.extend(
            alike
                .get(&**short)
                .into_iter()
                .flat_map(|it| it.words(draft)),
        );
        given.free(&words.join(", "))
    });
    long.collect()
}

fn short(draft: &Draft<'_>) -> String {
    cut_name(&format!(
        "{} for {}",
        role_name(draft.role_arn),
        draft.caller
    ))
}

/// What drafts of one short name differ in.
#[derive(Default)]
struct Alike<'a> {
    roles: BTreeSet<&'a str>,
    issuers: BTreeSet<String>,
    audiences: BTreeSet<&'a str>,
    whose: BTreeSet<&'static str>,
}

impl<'a> Alike<'a> {
    fn add(&mut self, draft: &'a Draft<'a>) {
        self.roles.insert(draft.role_arn);
        self.issuers.insert(draft.issuer.url());
        self.audiences.insert(draft.audience);
        self.whose.insert(of(&draft.whose));
    }

    /// What tells the draft from the others.
    fn words(&self, draft: &Draft<'_>) -> Vec<String> {
        let words = [
            (self.roles.len(), place(draft.role_arn)),
            (self.issuers.len(), format!("from {}", draft.issuer)),
            (self.audiences.len(), format!("audience {}", draft.audience)),
            (self.whose.len(), of(&draft.whose).to_owned()),
        ];
        let telling = words.into_iter().filter(|(several, _)| *several > 1);
        telling
            .map(|(_, word)| word.chars().take(LONGEST_WORD).collect())
            .collect()
    }
}

fn of(whose: &Whose) -> &'static str {
    match whose {
        Whose::Repositories {
            immutable: true, ..
        } => "with ids",
        Whose::Repositories {
            immutable: false, ..
        } => "with or without ids",
        Whose::Subjects => "whole subjects",
    }
}

/// Where a role is, beside its name: its account, and its path if it has one.
fn place(role_arn: &str) -> String {
    let account = role_arn.split(':').nth(4).unwrap_or_default();
    match role_arn
        .split_once('/')
        .and_then(|(_, name)| name.rsplit_once('/'))
    {
        Some((path, _)) => format!("{path} in {account}"),
        None => format!("in {account}"),
    }
}

/// The names that are given away.
#[derive(Default)]
struct Given {
    all: BTreeSet<String>,
    /// How often each was wanted, so that the next number is known at once.
    wanted: BTreeMap<String, usize>,
}

impl Given {
    fn free(&mut self, wanted: &str) -> String {
        loop {
            let times = self.wanted.entry(wanted.to_owned()).or_default();
            *times += 1;
            let name = match times {
                1 => wanted.to_owned(),
                n => format!("{wanted} ({n})"),
            };
            if self.all.insert(name.clone()) {
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use github_oidc::Issuer;

    use super::*;

    fn named(drafts: &[Draft<'_>]) -> Vec<String> {
        names(drafts.iter())
    }

    fn draft<'a>(role_arn: &'a str, audience: &'a str, whose: Whose) -> Draft<'a> {
        Draft {
            role_arn,
            caller: "acme/app".to_owned(),
            issuer: &Issuer::GitHub,
            audience,
            whose,
        }
    }

    const HERE: &str = "arn:aws:iam::123456789012:role/deploy";
    const THERE: &str = "arn:aws:iam::210987654321:role/team/deploy";

    #[test]
    fn only_what_tells_them_apart_is_in_a_name() {
        let ids = || Whose::Repositories {
            repositories: vec!["acme@1/app@2".to_owned()],
            immutable: true,
        };
        assert_eq!(named(&[draft(HERE, "a", ids())]), ["deploy for acme/app"]);
        let all = [
            draft(HERE, "a", ids()),
            draft(HERE, "b", Whose::Subjects),
            draft(THERE, "a", ids()),
        ];
        assert_eq!(
            named(&all),
            [
                "deploy for acme/app, in 123456789012, audience a, with ids",
                "deploy for acme/app, in 123456789012, audience b, whole subjects",
                "deploy for acme/app, team in 210987654321, audience a, with ids",
            ]
        );
    }

    #[test]
    fn names_that_are_cut_alike_are_numbered() {
        let (one, other) = ("x".repeat(200), format!("{}y", "x".repeat(200)));
        let drafts = [
            draft(HERE, &one, Whose::Subjects),
            draft(HERE, &other, Whose::Subjects),
        ];
        let names = named(&drafts);
        assert_eq!(names[1], format!("{} (2)", names[0]));
    }
}
