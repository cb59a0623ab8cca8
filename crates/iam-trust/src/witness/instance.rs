//! Texts that a pattern matches, of the kinds that make a point.

use crate::pattern::{Token, wildcards};

use super::{Marker, is_mintable, meet};

/// The most texts that one pattern is filled to.
const MAX: usize = 4000;

/// Fills the wildcards of a subject's pattern in every way of the list, within a cap. A pattern
/// with many wildcards gets fewer ways for each. Besides, what it has in common with each form of
/// subject as a whole.
pub(crate) fn subjects(pattern: &str, marker: &Marker) -> Vec<String> {
    let tokens = wildcards(pattern);
    let holes = tokens
        .iter()
        .filter(|token| !matches!(token, Token::Char(_)))
        .count();
    let ways = match holes {
        0..=2 => usize::MAX,
        3 => 14,
        4 => 7,
        5 => 4,
        _ => 2,
    };
    let mut texts = vec![String::new()];
    for token in &tokens {
        texts = match token {
            Token::Char(c) => {
                for text in &mut texts {
                    text.push(*c);
                }
                texts
            }
            Token::One => extend(&texts, |_| one()),
            Token::Run => extend(&texts, |before| {
                let mut run = run(before, marker);
                run.truncate(ways);
                run
            }),
        };
    }
    // The plain fillings read better, and with few wildcards one of them fits where any does; but for
    // what follows an id, which may be another repository's name as well.
    let in_id = pattern.contains('@');
    if holes == 0 || (holes <= 2 && !in_id && texts.iter().any(|text| is_mintable(text))) {
        return texts;
    }
    let mut met = meet::subjects(&tokens, marker);
    met.extend(texts);
    met
}

/// Fills every wildcard of another claim's pattern alike.
pub(super) fn claim(pattern: &str, marker: &Marker) -> Vec<String> {
    let fill = |with: &str| pattern.replace('*', with).replace('?', "x");
    vec![fill(""), fill(marker.word), fill(&marker.owner())]
}

fn extend(texts: &[String], ways: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut extended = Vec::new();
    for text in texts {
        for way in ways(text) {
            if extended.len() >= MAX {
                return extended;
            }
            extended.push(format!("{text}{way}"));
        }
    }
    extended
}

fn one() -> Vec<String> {
    ["x", "/", ":", "@", "1", "-"].map(str::to_owned).to_vec()
}

/// What may stand for `*` after a text: nothing, a longer name, and the rest of a subject from each
/// of its joints on; last, whole repositories whose branch swallows what follows.
fn run(before: &str, marker: &Marker) -> Vec<String> {
    let joint = before.is_empty() || before.ends_with(['/', ':', '-', '_', '.', '@']);
    let more = if joint {
        marker.word.to_owned()
    } else {
        format!("-{}", marker.word)
    };
    let (owner, repository, branch) = (marker.owner(), marker.repository(), marker.branch());
    let (environment, tag, word) = (marker.environment(), marker.tag(), marker.word);
    let head = "ref:refs/heads";
    vec![
        String::new(),
        more.clone(),
        owner.clone(),
        repository.clone(),
        branch.clone(),
        format!("{owner}/{repository}"),
        format!("{head}/{branch}"),
        format!("{owner}/{repository}:{head}/{branch}"),
        format!("repo:{owner}/{repository}:{head}/{branch}"),
        format!("{more}/{repository}:{head}/main"),
        format!("{repository}:{head}/{branch}"),
        format!(":{head}/{branch}"),
        format!("{more}:{head}/main"),
        format!("/{repository}:{head}/main"),
        environment.clone(),
        tag.clone(),
        format!("environment:{environment}"),
        format!("ref:refs/tags/{tag}"),
        "pull_request".to_owned(),
        ":pull_request".to_owned(),
        format!("heads/{branch}"),
        format!("refs/heads/{branch}"),
        format!("{more}/{repository}"),
        format!("repo:{owner}/{repository}"),
        format!("repo:{owner}"),
        format!("{owner}/{repository}:{head}/{word}"),
        format!("{owner}@990000001/{repository}@990000002:{head}/{word}"),
        format!("repo:{owner}@990000001/{repository}@990000002:{head}/{word}"),
        format!("{owner}@990000001/{repository}"),
        "990000001".to_owned(),
        format!("990000001/{repository}@990000002:{head}/{branch}"),
        format!("990000002:{head}/{branch}"),
    ]
}
