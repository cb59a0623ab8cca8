//! What was meant by a subject that GitHub does not sign.

use super::is_mintable;

/// What a value that no subject can equal was probably meant to be; still with its wildcards. The
/// usual slips are tried alone and together. Where several meanings are likely, it is nothing.
pub(crate) fn repaired(value: &str, plausible: impl Fn(&str) -> bool) -> Option<String> {
    let mut candidates = vec![value.trim().to_owned()];
    for slip in [url, lead, context] {
        let repaired: Vec<String> = candidates.iter().filter_map(|text| slip(text)).collect();
        candidates.extend(repaired);
    }
    candidates
        .into_iter()
        .skip_while(|text| text == value)
        .find(|text| plausible(text))
}

/// What a value may have been meant to be where it is not plain which: a name that a branch and an
/// environment may have, or none at all.
pub(crate) fn likely(value: &str) -> Vec<String> {
    let led = lead(value).unwrap_or_else(|| value.to_owned());
    let contexts = match led.strip_prefix("repo:").map(|rest| rest.split_once(':')) {
        Some(Some((_, name))) if !name.contains([':', '=']) => [
            format!("environment:{name}"),
            format!("ref:refs/heads/{name}"),
        ],
        Some(None) => ["environment:production", "ref:refs/heads/main"].map(str::to_owned),
        _ => return Vec::new(),
    };
    let repository = led.split(':').nth(1).unwrap_or_default();
    let likely = contexts.map(|context| format!("repo:{repository}:{context}"));
    likely.into_iter().filter(|it| is_mintable(it)).collect()
}

fn url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("repo:").unwrap_or(text);
    let rest = rest.strip_prefix("https://").unwrap_or(rest);
    Some(format!("repo:{}", rest.strip_prefix("github.com/")?))
}

fn lead(text: &str) -> Option<String> {
    for wrong in ["Repo:", "REPO:", "repository:", "repos:", "repo/", "repo: "] {
        if let Some(rest) = text.strip_prefix(wrong) {
            return Some(format!("repo:{rest}"));
        }
    }
    let known = text.starts_with("repo:") || !text.contains('/');
    (!known).then(|| format!("repo:{text}"))
}

/// The context in the words of an allowlist, of git, or with a piece missing.
fn context(text: &str) -> Option<String> {
    let (repository, context) = text.strip_prefix("repo:")?.split_once(':')?;
    Some(format!("repo:{repository}:{}", meant(context.trim())?))
}

fn meant(context: &str) -> Option<String> {
    if let Some((claim @ ("environment" | "ref"), value)) = context.split_once('=') {
        let context = format!("{claim}:{}", value.trim());
        return meant(&context).or(Some(context));
    }
    if context.starts_with("refs/") {
        return Some(format!("ref:{context}"));
    }
    for branch in ["heads/", "branch:", "branch="] {
        if let Some(name) = context.strip_prefix(branch) {
            return Some(format!("ref:refs/heads/{name}"));
        }
    }
    for tag in ["tags/", "tag:", "tag="] {
        if let Some(name) = context.strip_prefix(tag) {
            return Some(format!("ref:refs/tags/{name}"));
        }
    }
    for environment in ["env:", "env=", "Environment:", "environments:"] {
        if let Some(name) = context.strip_prefix(environment) {
            return Some(format!("environment:{name}"));
        }
    }
    if let Some(name) = context.strip_prefix("environment:") {
        // GitHub writes a ':' of the name so.
        return name
            .contains(':')
            .then(|| format!("environment:{}", name.replace(':', "%3A")));
    }
    if let Some(rest) = context.strip_prefix("ref:") {
        return of_ref(rest);
    }
    match context {
        "pull-request" | "pull_requests" | "pull_request:" | "pr" => {
            Some("pull_request".to_owned())
        }
        "main" | "master" => Some(format!("ref:refs/heads/{context}")),
        // A branch, a tag or an environment may have that name.
        _ => None,
    }
}

fn of_ref(name: &str) -> Option<String> {
    let name = name.trim_start_matches('/');
    let name = name.strip_prefix("refs/").unwrap_or(name);
    Some(if name.starts_with("heads/") || name.starts_with("tags/") {
        format!("ref:refs/{name}")
    } else if name.contains(':') || name.starts_with("pull/") {
        return None;
    } else {
        format!("ref:refs/heads/{name}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_mended() {
        for (value, meant) in [
            (
                "acme/app:ref:refs/heads/main",
                "repo:acme/app:ref:refs/heads/main",
            ),
            (
                "repo:acme/app:refs/heads/main",
                "repo:acme/app:ref:refs/heads/main",
            ),
            (
                "repo:acme/app:branch:main",
                "repo:acme/app:ref:refs/heads/main",
            ),
            (
                "repo:acme/app:ref:main",
                "repo:acme/app:ref:refs/heads/main",
            ),
            (
                "https://github.com/acme/app:main",
                "repo:acme/app:ref:refs/heads/main",
            ),
            ("repo:acme/app:pull-request", "repo:acme/app:pull_request"),
            (
                "repo:acme/app:ref:tags/v1",
                "repo:acme/app:ref:refs/tags/v1",
            ),
            (
                "repo:acme/app:environment=production",
                "repo:acme/app:environment:production",
            ),
            (
                "repo:acme/app:Environment:prod",
                "repo:acme/app:environment:prod",
            ),
            (
                "repo:acme/app:environment:prod:eu",
                "repo:acme/app:environment:prod%3Aeu",
            ),
            (
                "repo:acme/app:ref=refs/heads/main",
                "repo:acme/app:ref:refs/heads/main",
            ),
        ] {
            assert!(!is_mintable(value), "{value}");
            assert_eq!(
                repaired(value, is_mintable).as_deref(),
                Some(meant),
                "{value}"
            );
        }
    }

    #[test]
    fn what_may_mean_several_things_is_left_alone() {
        for value in [
            "repo:acme/shop:production",
            "repo:acme/shop:release",
            "acme/shop",
            "https://github.com/acme/shop",
        ] {
            let standard = |text: &str| is_mintable(text) && text.matches(':').count() > 1;
            assert_eq!(repaired(value, standard), None, "{value}");
        }
    }
}
