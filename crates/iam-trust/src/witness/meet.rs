//! The texts on which a pattern and a form of subject agree.
//!
//! Filling the wildcards of a pattern one by one misses what only fits as a whole. Here the pattern is
//! walked together with each form that GitHub signs, and the shortest text that satisfies both comes
//! out, if there is one. The walk visits each pair of positions once: it is complete for every form,
//! and takes time by the product of their lengths.

use std::collections::VecDeque;

use crate::pattern::Token;

use super::Marker;

/// One step of a form.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Step {
    Char(char),
    /// One character of a kind.
    One(Kind),
    /// Any run of characters of a kind, also none.
    Many(Kind),
}

/// What may stand in a place of a subject.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Kind {
    Owner,
    Name,
    Digits,
    Ref,
    /// An environment as a subject spells it.
    Environment,
    /// An environment as its claim does.
    Text,
}

impl Kind {
    fn has(self, c: char) -> bool {
        match self {
            Self::Owner => c.is_ascii_alphanumeric() || c == '-',
            Self::Name => c.is_ascii_alphanumeric() || "-_.".contains(c),
            Self::Digits => c.is_ascii_digit(),
            Self::Ref => !c.is_control() && !" ~^:?*[\\".contains(c),
            Self::Environment => !c.is_control() && !":?*".contains(c),
            Self::Text => !c.is_control() && !"?*".contains(c),
        }
    }

    /// What stands there where the pattern takes anything.
    fn any(self) -> char {
        match self {
            Self::Digits => '9',
            _ => 'x',
        }
    }
}

/// The subjects that a pattern and the forms of an outsider's, a colleague's and the meant
/// repository's subjects agree on; the furthest first.
pub(super) fn subjects(pattern: &[Token], marker: &Marker) -> Vec<String> {
    let forms = forms(marker);
    let met = forms.iter().filter_map(|form| meet(pattern, form));
    let mut found: Vec<String> = Vec::new();
    for text in met {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

/// The most values of a claim that are taken from one pattern: the first tell most.
const MAX_OF_CLAIM: usize = 4;

/// The values of another claim that a pattern and the claim's form agree on, an outsider's first.
pub(super) fn claims(claim: &str, pattern: &[Token], marker: &Marker) -> Vec<String> {
    let (owner, name, word) = (marker.owner(), marker.repository(), marker.word);
    let (branch, tag, environment) = (marker.branch(), marker.tag(), marker.environment());
    let forms: Vec<String> = match claim {
        "repository" => vec![
            format!("{{o}}{owner}{{o}}/{{n}}{name}{{n}}"),
            format!("{{o}}{owner}{{o}}/{{N}}"),
            format!("{{o}}{word}{{o}}/{{n}}{name}{{n}}"),
            format!("{{o}}{word}{{o}}/{{N}}"),
            format!("{{O}}/{{n}}{name}{{n}}"),
            "{O}/{N}".to_owned(),
        ],
        "repository_id" | "repository_owner_id" => vec!["{D}".to_owned()],
        "environment" => vec![format!("{{t}}{environment}{{t}}"), "{T}".to_owned()],
        "ref" => vec![
            "refs/heads/main".to_owned(),
            format!("refs/heads/{{r}}{branch}{{r}}"),
            "refs/heads/{R}".to_owned(),
            format!("refs/tags/{{r}}{tag}{{r}}"),
            "refs/tags/{R}".to_owned(),
            "refs/pull/{D}/merge".to_owned(),
        ],
        _ => Vec::new(),
    };
    let met = forms.iter().filter_map(|form| meet(pattern, &steps(form)));
    let mut found: Vec<String> = Vec::new();
    for text in met {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found.truncate(MAX_OF_CLAIM);
    found
}

/// `{o}` is any run of an owner's characters, `{O}` one that is not empty, and so on.
fn forms(marker: &Marker) -> Vec<Vec<Step>> {
    let word = marker.word;
    let owners = [
        format!("{{o}}{}{{o}}", marker.owner()),
        format!("{{o}}{word}{{o}}"),
        "{O}".to_owned(),
    ];
    let names = [
        format!("{{n}}{}{{n}}", marker.repository()),
        "{N}".to_owned(),
    ];
    let workflow = "job_workflow_ref:{O}/{N}/.github/workflows/{N}.yml@refs/heads/{R}";
    let contexts = [
        "ref:refs/heads/main".to_owned(),
        format!("ref:refs/heads/{{r}}{}{{r}}", marker.branch()),
        "ref:refs/heads/{R}".to_owned(),
        "pull_request".to_owned(),
        format!("environment:{{e}}{}{{e}}", marker.environment()),
        "environment:{E}".to_owned(),
        "ref:refs/tags/{R}".to_owned(),
        "environment:{E}:ref:refs/heads/{R}".to_owned(),
        "ref:refs/heads/{R}:environment:{E}".to_owned(),
        "workflow:{E}:ref:refs/heads/{R}".to_owned(),
        "workflow:{E}:environment:{E}".to_owned(),
        format!("ref:refs/heads/{{R}}:{workflow}"),
        format!("environment:{{E}}:{workflow}"),
    ];
    let mut forms = Vec::new();
    for owner in &owners {
        for name in &names {
            for repository in [
                format!("{owner}/{name}"),
                format!("{owner}@{{D}}/{name}@{{D}}"),
            ] {
                for context in &contexts {
                    forms.push(steps(&format!("repo:{repository}:{context}")));
                }
            }
        }
    }
    forms.extend(customised(workflow).iter().map(|form| steps(form)));
    forms
}

/// Subjects that do not begin with a repository, as an organisation may have them signed.
fn customised(workflow: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for lead in [
        "repository_owner:{O}",
        "repository_owner_id:{D}",
        "repository_id:{D}",
        "repository:{O}/{N}",
        "workflow:{N}",
        workflow,
    ] {
        forms.push(lead.to_owned());
        for context in ["ref:refs/heads/{R}", "environment:{E}"] {
            forms.push(format!("{lead}:{context}"));
        }
        if lead != workflow {
            forms.push(format!("{lead}:{workflow}"));
        }
    }
    forms
}

fn steps(form: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = form;
    while let Some(c) = rest.chars().next() {
        let kind = match rest.get(..3).map(str::to_ascii_lowercase).as_deref() {
            Some("{o}") => Some(Kind::Owner),
            Some("{n}") => Some(Kind::Name),
            Some("{d}") => Some(Kind::Digits),
            Some("{r}") => Some(Kind::Ref),
            Some("{e}") => Some(Kind::Environment),
            Some("{t}") => Some(Kind::Text),
            _ => None,
        };
        let length = if let Some(kind) = kind {
            if rest[1..].starts_with(char::is_uppercase) {
                steps.push(Step::One(kind));
            }
            steps.push(Step::Many(kind));
            3
        } else {
            steps.push(Step::Char(c));
            c.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    steps
}

/// How a pair of positions was reached: from which, and with what character.
type Origin = Option<(usize, Option<char>)>;

/// The shortest text that the pattern matches and that has the form.
fn meet(pattern: &[Token], form: &[Step]) -> Option<String> {
    let width = form.len() + 1;
    let last = pattern.len() * width + form.len();
    let mut origins: Vec<Origin> = vec![None; (pattern.len() + 1) * width];
    let mut next = VecDeque::from([0]);
    while let Some(at) = next.pop_front() {
        if at == last {
            return Some(text(&origins, last));
        }
        let (p, f) = (at / width, at % width);
        for (p, f, with) in moves(pattern.get(p).copied(), form.get(f).copied(), p, f) {
            let to = p * width + f;
            if to != 0 && origins.get(to) == Some(&None) {
                origins[to] = Some((at, with));
                next.push_back(to);
            }
        }
    }
    None
}

/// Where one may go from a pair of positions.
fn moves(
    pattern: Option<Token>,
    form: Option<Step>,
    p: usize,
    f: usize,
) -> impl Iterator<Item = (usize, usize, Option<char>)> {
    let skip_run = (pattern == Some(Token::Run)).then_some((p + 1, f, None));
    let skip_many = matches!(form, Some(Step::Many(_))).then_some((p, f + 1, None));
    let next = match (pattern, form) {
        (Some(Token::Char(c)), Some(Step::Char(wanted))) if c == wanted => Some((p + 1, f + 1, c)),
        (Some(Token::Char(c)), Some(Step::One(kind))) if kind.has(c) => Some((p + 1, f + 1, c)),
        (Some(Token::Char(c)), Some(Step::Many(kind))) if kind.has(c) => Some((p + 1, f, c)),
        (Some(Token::One), Some(Step::Char(c))) => Some((p + 1, f + 1, c)),
        (Some(Token::One), Some(Step::One(kind))) => Some((p + 1, f + 1, kind.any())),
        (Some(Token::One), Some(Step::Many(kind))) => Some((p + 1, f, kind.any())),
        (Some(Token::Run), Some(Step::Char(c))) => Some((p, f + 1, c)),
        (Some(Token::Run), Some(Step::One(kind))) => Some((p, f + 1, kind.any())),
        // A run over a run gets nowhere.
        _ => None,
    };
    let next = next.map(|(p, f, c)| (p, f, Some(c)));
    [next, skip_run, skip_many].into_iter().flatten()
}

fn text(origins: &[Origin], mut at: usize) -> String {
    let mut characters: Vec<char> = Vec::new();
    while let Some(Some((from, with))) = origins.get(at) {
        characters.extend(*with);
        at = *from;
    }
    characters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::is_mintable;
    use super::*;
    use crate::pattern::{like, wildcards};

    const MARKER: Marker = Marker { word: "evil" };

    #[test]
    fn patterns_of_many_wildcards_are_met() {
        for pattern in [
            "*repo*acme*app*main*",
            "repo:*/*/*:*",
            "repo:ac?e/???:*:?????????",
            "repo:acme*@111/*@*:*",
            "repo:acme/*:*:*:main",
        ] {
            let met = subjects(&wildcards(pattern), &MARKER);
            assert!(met.iter().all(|text| like(pattern, text)), "{met:?}");
            let mintable = met.iter().find(|text| is_mintable(text));
            assert!(mintable.is_some(), "{pattern}: {met:?}");
        }
        assert!(subjects(&wildcards("acme/*:*:*"), &MARKER).is_empty());
    }

    proptest! {
        #[test]
        fn what_comes_out_matches(pattern in "[rep:acme/@1*?-]{0,16}") {
            for text in subjects(&wildcards(&pattern), &MARKER) {
                prop_assert!(like(&pattern, &text), "{text}");
            }
        }
    }
}
