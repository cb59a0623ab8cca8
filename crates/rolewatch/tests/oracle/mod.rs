//! The rules of judging, written down again from their description: slow, over plain values,
//! and sharing nothing with the crate.

pub(crate) mod generate;
pub(crate) mod model;

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Timelike};
use rolewatch::assumption::Session;

use self::model::{Context, File, Name, Rule, Seen, Subject, Who};

/// What is to come of an assumption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Other,
    Denied,
    Expected(usize),
    Unexpected(BTreeSet<&'static str>),
}

/// `*` any run, `?` one character.
fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len())
            .filter(|&at| text.is_char_boundary(at))
            .any(|at| glob(rest.as_str(), &text[at..])),
        Some(first) => text.chars().next().is_some_and(|c| {
            (first == '?' || first == c) && glob(rest.as_str(), &text[c.len_utf8()..])
        }),
    }
}

fn any(patterns: &[&str], text: Option<&str>) -> bool {
    text.is_some_and(|text| patterns.iter().any(|pattern| glob(pattern, text)))
}

/// Field by field, however many there are.
fn each_field(pattern: &str, text: &str, border: char) -> bool {
    let (patterns, texts) = (pattern.split(border), text.split(border));
    patterns.clone().count() == texts.clone().count()
        && patterns
            .zip(texts)
            .all(|(pattern, text)| glob(pattern, text))
}

fn split_id(text: &str) -> (&str, Option<u64>) {
    text.split_once('@')
        .map_or((text, None), |(name, id)| (name, id.parse().ok()))
}

/// An id is a pin; a name without one says nothing against it.
fn name_matches(pattern: &str, name: &Name) -> bool {
    let (pattern, pin) = split_id(pattern);
    glob(pattern, name.text) && (pin.is_none() || name.id.is_none() || pin == name.id)
}

fn repository_matches(pattern: &str, owner: &Name, name: &Name) -> bool {
    pattern
        .split_once('/')
        .is_some_and(|(owner_pattern, name_pattern)| {
            name_matches(owner_pattern, owner) && name_matches(name_pattern, name)
        })
}

fn context_matches(pattern: &str, context: &Context) -> bool {
    match (pattern.split_once(':'), context) {
        (None, Context::PullRequest) => true,
        (None, _) => pattern == "any",
        (Some(("branch", pattern)), Context::Branch(name))
        | (Some(("tag", pattern)), Context::Tag(name))
        | (Some(("environment", pattern)), Context::Environment(name)) => glob(pattern, name),
        _ => false,
    }
}

/// Split at ':'; owner and repository are never crossed, be it the caller's or a workflow's.
fn subject_matches(pattern: &str, subject: &str) -> bool {
    let patterns: Vec<&str> = pattern.split(':').collect();
    let fields: Vec<&str> = subject.split(':').collect();
    let field = |index: usize| {
        let slash = index > 0 && matches!(patterns[index - 1], "repo" | "job_workflow_ref");
        match (
            patterns[index].split_once('/'),
            fields[index].split_once('/'),
        ) {
            (Some((a, b)), Some((c, d))) if slash => glob(a, c) && glob(b, d),
            _ if slash => false,
            _ => glob(patterns[index], fields[index]),
        }
    };
    patterns.len() == fields.len() && (0..patterns.len()).all(field)
}

fn is_immutable(subject: &Subject) -> bool {
    matches!(subject, Subject::Standard { owner, name, .. } if owner.id.is_some() && name.id.is_some())
}

/// A claim of a customised subject or of a pattern for one.
fn claim<'a>(claims: &'a [(&str, Option<String>)], key: &str) -> Option<&'a str> {
    let (_, value) = claims.iter().find(|(name, _)| *name == key)?;
    value.as_deref()
}

/// Owner and repository, as far as the subject tells them, with their ids.
fn caller(subject: &Subject) -> (Option<Name>, Option<Name>) {
    let leaked = |text: &str, id| Name {
        text: Box::leak(text.to_owned().into_boxed_str()),
        id,
    };
    match subject {
        Subject::Standard { owner, name, .. } => (Some(owner.clone()), Some(name.clone())),
        Subject::Junk(_) => (None, None),
        Subject::Custom(claims) => {
            let id = |key| claim(claims, key).and_then(|id| id.parse().ok());
            let with = |text: &str, key| {
                let (text, own) = split_id(text);
                leaked(text, own.or(id(key)))
            };
            if let Some((owner, name)) = claim(claims, "repo").and_then(|it| it.split_once('/')) {
                (
                    Some(with(owner, "repository_owner_id")),
                    Some(with(name, "repository_id")),
                )
            } else {
                let owner = claim(claims, "repository_owner");
                (owner.map(|it| with(it, "repository_owner_id")), None)
            }
        }
    }
}

/// Key and value in turns; `pull_request` has no value.
fn claims_of(pattern: &str) -> Vec<(&str, Option<String>)> {
    let mut fields = pattern.split(':');
    let mut claims = Vec::new();
    while let Some(key) = fields.next() {
        let value = if key == "pull_request" {
            None
        } else {
            fields.next()
        };
        claims.push((key, value.map(str::to_owned)));
    }
    claims
}

impl Rule {
    fn is_live(&self, day: NaiveDate) -> bool {
        self.expires.is_none_or(|last| last >= day)
    }

    fn names_role(&self, role: &str) -> bool {
        self.roles
            .iter()
            .any(|pattern| each_field(pattern, role, ':'))
    }

    fn issuers<'a>(&'a self, file: &'a File) -> &'a [&'static str] {
        self.issuers.as_ref().unwrap_or(&file.default_issuers)
    }

    fn names_repository(&self, subject: &Subject) -> bool {
        let (Some(owner), Some(name)) = caller(subject) else {
            return self.matches_subject(subject);
        };
        match &self.who {
            Who::Repositories {
                repositories,
                immutable,
                ..
            } => {
                (!immutable || is_immutable(subject))
                    && repositories
                        .iter()
                        .any(|pattern| repository_matches(pattern, &owner, &name))
            }
            Who::Subjects(patterns) => {
                let in_subject = |name: &Name| match subject {
                    Subject::Custom(claims) => {
                        claim(claims, "repo").unwrap_or_default().contains('@') && name.id.is_some()
                    }
                    _ => name.id.is_some(),
                };
                let written = |name: &Name| {
                    if in_subject(name) {
                        name.written()
                    } else {
                        name.text.to_owned()
                    }
                };
                let text = format!("{}/{}", written(&owner), written(&name));
                self.matches_subject(subject)
                    || patterns.iter().any(|pattern| {
                        claim(&claims_of(pattern), "repo")
                            .is_some_and(|it| each_field(it, &text, '/'))
                    })
            }
        }
    }

    fn names_owner(&self, owner: &Name, subject: &Subject) -> bool {
        match &self.who {
            Who::Repositories { repositories, .. } => repositories.iter().any(|pattern| {
                let (pattern, _) = pattern.split_once('/').unwrap_or_default();
                name_matches(pattern, owner)
            }),
            Who::Subjects(patterns) => {
                let id = owner.id.map(|id| id.to_string());
                let names = |pattern: &String| {
                    let claims = claims_of(pattern);
                    let repo = claim(&claims, "repo").and_then(|it| it.split_once('/'));
                    let by_name = repo.map(|it| it.0).or(claim(&claims, "repository_owner"));
                    let by_id = claim(&claims, "repository_owner_id");
                    by_name.is_some_and(|it| glob(split_id(it).0, owner.text))
                        || by_id.is_some_and(|it| id.as_deref() == Some(it))
                };
                self.matches_subject(subject) || patterns.iter().any(names)
            }
        }
    }

    /// Repository and context, or the whole subject.
    fn matches_subject(&self, subject: &Subject) -> bool {
        match (&self.who, subject) {
            (Who::Repositories { contexts, .. }, Subject::Standard { context, .. }) => {
                self.names_repository(subject)
                    && contexts
                        .iter()
                        .any(|pattern| context_matches(pattern, context))
            }
            (Who::Repositories { .. }, _) => false,
            (Who::Subjects(patterns), _) => {
                let text = subject.written();
                patterns
                    .iter()
                    .any(|pattern| subject_matches(pattern, &text))
            }
        }
    }

    fn failures(&self, seen: &Seen, file: &File) -> BTreeSet<&'static str> {
        let audiences = self.audiences.as_ref().unwrap_or(&file.default_audiences);
        let most = self.minutes.unwrap_or(60) * 60;
        let too_long = match seen.session {
            Session::Requested(seconds) => seconds > most,
            Session::Measured(seconds) => seconds > most + 5,
            Session::Assumed => 3600 > most,
        };
        let in_office = matches!(seen.source, Some("203.0.113.9" | "::ffff:203.0.113.9"));
        let weekday = seen.time.weekday().num_days_from_monday() < 5;
        let working = weekday && (8..18).contains(&seen.time.hour());
        [
            ("session-too-long", too_long),
            ("unexpected-audience", !any(audiences, seen.audience)),
            (
                "unexpected-region",
                !self.regions.is_empty() && !any(&self.regions, seen.region),
            ),
            (
                "unexpected-network",
                !self.networks.is_empty() && !in_office,
            ),
            ("outside-hours", self.office_hours && !working),
        ]
        .into_iter()
        .filter_map(|(check, failed)| failed.then_some(check))
        .collect()
    }

    /// Owner and repository with the ids that the rule gives to them.
    fn pins(&self) -> Vec<(String, String)> {
        let patterns = match &self.who {
            Who::Repositories { repositories, .. } => {
                return repositories.iter().map(|it| parts(it)).collect();
            }
            Who::Subjects(patterns) => patterns,
        };
        let of_subject = |pattern: &String| {
            let claims = claims_of(pattern);
            let id = |key| {
                claim(&claims, key)
                    .map(|id| format!("@{id}"))
                    .unwrap_or_default()
            };
            let repo = claim(&claims, "repo").map(parts);
            let owner =
                claim(&claims, "repository_owner").map(|it| (it.to_owned(), "*".to_owned()));
            let (owner, name) = repo.or(owner)?;
            let with = |text: String, key| {
                if text.contains(['@', '*', '?']) {
                    text
                } else {
                    text + &id(key)
                }
            };
            Some((
                with(owner, "repository_owner_id"),
                with(name, "repository_id"),
            ))
        };
        patterns.iter().filter_map(of_subject).collect()
    }
}

fn parts(repository: &str) -> (String, String) {
    let (owner, name) = repository.split_once('/').unwrap_or_default();
    (owner.to_owned(), name.to_owned())
}

/// github.com and its enterprises share their ids; every other issuer is a server of its own.
fn server(issuer: &str) -> &str {
    let shared = "https://token.actions.githubusercontent.com";
    if issuer.starts_with(shared) {
        shared
    } else {
        issuer
    }
}

/// Whether a name has ids in the file, and the subject's is none of them.
fn breaks_a_pin(file: &File, seen: &Seen, day: NaiveDate) -> bool {
    let (Some(owner), name) = caller(&seen.subject) else {
        return false;
    };
    let pins: Vec<(String, String)> = file
        .rules
        .iter()
        .filter(|rule| rule.is_live(day))
        .filter(|rule| {
            rule.issuers(file)
                .iter()
                .any(|it| server(it) == server(seen.issuer))
        })
        .flat_map(Rule::pins)
        .filter(|(pattern, _)| glob(split_id(pattern).0, owner.text))
        .collect();
    let breaks =
        |ids: Vec<u64>, id: Option<u64>| id.is_some_and(|id| !ids.is_empty() && !ids.contains(&id));
    let owner_ids = pins
        .iter()
        .filter_map(|(owner, _)| split_id(owner).1)
        .collect();
    let name_ids = |name: &Name| {
        let of_name = |(_, pattern): &&(String, String)| glob(split_id(pattern).0, name.text);
        pins.iter()
            .filter(of_name)
            .filter_map(|(_, name)| split_id(name).1)
            .collect()
    };
    breaks(owner_ids, owner.id) || name.is_some_and(|name| breaks(name_ids(&name), name.id))
}

/// Judges as the description does, step by step.
pub(crate) fn judge(file: &File, seen: &Seen) -> Answer {
    let day = seen.time.date_naive();
    let live = || {
        file.rules
            .iter()
            .enumerate()
            .filter(move |(_, rule)| rule.is_live(day))
    };
    let role_named = live().any(|(_, rule)| rule.names_role(seen.role));
    let known = seen.issuer == "https://token.actions.githubusercontent.com"
        || file.issuers.contains(&seen.issuer);
    let resembles = seen.issuer.contains("token.actions.");
    if !known && !resembles && !role_named {
        return Answer::Other;
    }
    if seen.refused {
        return Answer::Denied;
    }
    let one = |check| Answer::Unexpected(BTreeSet::from([check]));
    if !known {
        return one("unexpected-issuer");
    }
    let subject = &seen.subject;
    let identity = |rule: &Rule| rule.names_role(seen.role) && rule.matches_subject(subject);
    let its_issuer = |rule: &Rule| rule.issuers(file).contains(&seen.issuer);
    let broken = breaks_a_pin(file, seen, day);
    if !broken {
        let mut best: Option<(usize, BTreeSet<&'static str>)> = None;
        for (index, rule) in live().filter(|(_, rule)| identity(rule) && its_issuer(rule)) {
            let failures = rule.failures(seen, file);
            if best
                .as_ref()
                .is_none_or(|(_, least)| failures.len() < least.len())
            {
                best = Some((index, failures));
            }
        }
        match best {
            Some((index, failures)) if failures.is_empty() => return Answer::Expected(index),
            Some((_, failures)) => return Answer::Unexpected(failures),
            None => {}
        }
    }
    let (owner, _) = caller(subject);
    let expired = |rule: &Rule| !rule.is_live(day) && identity(rule) && its_issuer(rule);
    one(
        if live().any(|(_, rule)| identity(rule) && !its_issuer(rule)) {
            "unexpected-issuer"
        } else if broken {
            "repository-id-mismatch"
        } else if file.rules.iter().any(expired) {
            "expired-rule"
        } else if owner
            .is_some_and(|owner| !live().any(|(_, rule)| rule.names_owner(&owner, subject)))
        {
            "unlisted-owner"
        } else if !role_named {
            "unlisted-role"
        } else if !matches!(subject, Subject::Standard { .. }) {
            "unlisted-subject"
        } else if !live()
            .any(|(_, rule)| rule.names_role(seen.role) && rule.names_repository(subject))
        {
            "unlisted-repository"
        } else {
            "unlisted-context"
        },
    )
}

/// Whether a silence of the file covers this check's complaint.
pub(crate) fn is_silenced(file: &File, seen: &Seen, check: &str) -> bool {
    file.ignores.iter().any(|ignore| {
        let role = ignore.roles.is_empty()
            || ignore
                .roles
                .iter()
                .any(|pattern| each_field(pattern, seen.role, ':'));
        let repository = ignore.repositories.is_empty()
            || matches!(
                caller(&seen.subject),
                (Some(owner), Some(name)) if ignore.repositories.iter().any(|pattern| {
                    repository_matches(pattern, &owner, &name)
                })
            );
        ignore.check == check && ignore.until >= seen.time.date_naive() && role && repository
    })
}
