//! GitHub's expressions (`${{ … }}`), as far as the checks look into them. None is evaluated: what
//! is not plain from its text is not known.

/// Names of the `github` context that are the same in every run of a job, or of a branch.
const SAME_IN_EVERY_RUN: [&str; 10] = [
    "github.repository",
    "github.repository_id",
    "github.repository_owner",
    "github.workflow",
    "github.workflow_ref",
    "github.job",
    "github.ref",
    "github.ref_name",
    "github.event_name",
    "github.base_ref",
];

/// The insides of a text's expressions.
pub(super) fn expressions(text: &str) -> impl Iterator<Item = &str> {
    text.split("${{").skip(1).map(|rest| {
        let end = rest.find("}}").unwrap_or(rest.len());
        rest[..end].trim()
    })
}

/// Whether a text has an expression, so that what it is in a run is not known here.
pub(super) fn is_open(text: &str) -> bool {
    text.contains("${{")
}

/// The names, in lower case, of what a text's expressions read out of a context such as `secrets`;
/// `*` for one that is not spelled out.
pub(super) fn read_from(text: &str, context: &str) -> Vec<String> {
    let each = expressions(text).flat_map(|inside| names_in(inside, context));
    each.collect()
}

fn names_in(expression: &str, context: &str) -> Vec<String> {
    let lower = expression.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, word) in lower.match_indices(context) {
        let before = lower[..at].chars().next_back();
        if before.is_some_and(|it| it.is_ascii_alphanumeric() || "_-.'".contains(it)) {
            continue;
        }
        let rest = lower[at + word.len()..].trim_start();
        let name = match (rest.strip_prefix('.'), rest.strip_prefix('[')) {
            (Some(name), _) => name.trim_start(),
            (_, Some(index)) => index.trim_start().strip_prefix('\'').unwrap_or("*"),
            (None, None) => continue,
        };
        let end = name.find(|it: char| !(it.is_ascii_alphanumeric() || "_-*".contains(it)));
        found.push(name[..end.unwrap_or(name.len())].to_owned());
    }
    found
}

/// Whether a text is the same in every run, as far as that is plain.
pub(super) fn is_constant(text: &str) -> bool {
    expressions(text).all(|inside| {
        let inside = inside.to_ascii_lowercase();
        let stored = inside.starts_with("vars.") || inside.starts_with("secrets.");
        let plain = inside
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"_.-".contains(&it));
        SAME_IN_EVERY_RUN.contains(&&*inside) || stored && plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_however_they_are_read() {
        let names = |text| read_from(text, "secrets");
        assert_eq!(names("${{ secrets.A_B }}"), ["a_b"]);
        assert_eq!(names("x${{ SECRETS['A'] }}y${{secrets . B}}"), ["a", "b"]);
        assert_eq!(names("${{ x && secrets.A || secrets.B }}"), ["a", "b"]);
        assert_eq!(names("${{ secrets[inputs.which] }}"), ["*"]);
        for text in [
            "secrets.A",
            "${{ vars.secrets }}",
            "${{ env.my_secrets.x }}",
            "${{ secrets",
        ] {
            assert!(names(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_name_is_constant_unless_something_in_it_may_differ_by_run() {
        for text in [
            "",
            "deploy",
            "${{ github.repository }}",
            "a-${{ vars.NAME }}-${{ GitHub.Job }}",
        ] {
            assert!(is_constant(text), "{text}");
        }
        for text in [
            "a-${{ github.run_id }}",
            "${{ github.sha }}",
            "${{ inputs.name }}",
            "${{ format('{0}', github.job) }}",
        ] {
            assert!(!is_constant(text), "{text}");
        }
    }
}
