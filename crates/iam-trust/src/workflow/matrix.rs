//! What a job's matrix makes of a text, as far as it stands in the file.

use crate::json::Node;

use super::expression::{expressions, is_open, read_from};
use super::facts::scalar;

/// GitHub starts at most so many jobs of a matrix.
const MOST: usize = 256;
/// The longest text that values are put into, in bytes: an ARN has at most 2,048.
const LONGEST: usize = 2048;
/// The longest value that is put in, in bytes.
const LONGEST_VALUE: usize = 200;

/// A text with the values of a matrix.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variants {
    /// With each value of each of its names put in, one at a time; none where no matrix decides it.
    pub(super) texts: Vec<String>,
    /// Whether these are all.
    pub(super) are_all: bool,
}

/// Of a text in a job.
pub(super) fn variants(text: &str, job: &Node) -> Variants {
    let mut found = Variants {
        texts: Vec::new(),
        are_all: true,
    };
    if read_from(text, "matrix").is_empty() {
        return found;
    }
    if text.len() > LONGEST {
        found.are_all = false;
        return found;
    }
    let matrix = job.get("strategy").and_then(|it| it.get("matrix"));
    let mut names: Vec<&str> = expressions(text).collect();
    names.sort_unstable();
    names.dedup();
    for inside in names {
        let Some(path) = path(inside) else {
            found.are_all &= read_from(&format!("${{{{{inside}}}}}"), "matrix").is_empty();
            continue;
        };
        let mut values = Vec::new();
        found.are_all &= matrix.is_some_and(|matrix| collect(matrix, &path, &mut values));
        for value in values {
            if found.texts.len() == MOST || value.len() > LONGEST_VALUE || is_open(&value) {
                found.are_all = false;
            } else {
                found.texts.push(put(text, inside, &value));
            }
        }
    }
    found
}

/// `a` and `b` of `matrix.a.b`; none for whatever is more than a name.
fn path(expression: &str) -> Option<Vec<&str>> {
    let mut names = expression.split('.').map(str::trim);
    let is_name = |name: &&str| {
        let inside = |it: u8| it.is_ascii_alphanumeric() || b"_-".contains(&it);
        !name.is_empty() && name.bytes().all(inside)
    };
    let is_matrix = names.next()?.eq_ignore_ascii_case("matrix");
    let path: Vec<&str> = names.collect();
    (is_matrix && path.iter().all(is_name)).then_some(path)
}

/// The values under a path; whether these are all.
fn collect(matrix: &Node, path: &[&str], values: &mut Vec<String>) -> bool {
    let Some((axis, inner)) = path.split_first() else {
        return false;
    };
    // An expression may be the whole of it, an axis, or what is included.
    if matrix.members().is_none() {
        return false;
    }
    let mut are_all = true;
    for (list, path) in [(*axis, inner), ("include", path)] {
        let Some(list) = member(matrix, list) else {
            continue;
        };
        let Some(items) = list.items() else {
            are_all = false;
            continue;
        };
        let each = items.iter().take(MOST);
        are_all &= items.len() <= MOST;
        for item in each {
            are_all &= scalar(item).is_none_or(|text| !is_open(&text));
            let found = path.iter().try_fold(item, |node, name| member(node, name));
            values.extend(found.and_then(scalar));
        }
    }
    are_all
}

fn member<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let mut members = node.members()?.iter();
    let member = members.find(|it| it.key.eq_ignore_ascii_case(name))?;
    Some(&member.value)
}

/// A text with one of its expressions replaced.
fn put(text: &str, expression: &str, value: &str) -> String {
    let mut parts = text.split("${{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("}}") {
            Some((inside, after)) if inside.trim() == expression => {
                out.push_str(value);
                out.push_str(after);
            }
            _ => {
                out.push_str("${{");
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::*;

    fn of(matrix: &str, text: &str) -> (Vec<String>, bool) {
        let job = Document::read(&format!("strategy:\n  matrix: {matrix}\n"));
        let found = variants(text, &job.expect("YAML").root);
        (found.texts, found.are_all)
    }

    #[test]
    fn literal_values_are_put_in() {
        let all = |texts: &[&str]| (texts.iter().map(ToString::to_string).collect(), true);
        let text = "r/${{ matrix.a }}";
        assert_eq!(of("{a: [x, 1]}", text), all(&["r/x", "r/1"]));
        assert_eq!(
            of("{A: [x], include: [{a: y}, {b: z}]}", text),
            all(&["r/x", "r/y"])
        );
        assert_eq!(
            of("{a: [{b: x}, {c: y}]}", "${{matrix.a.b}}-${{ github.job }}"),
            all(&["x-${{ github.job }}"])
        );
        // Nothing there is the empty text.
        assert_eq!(of("{b: [x]}", text), all(&[]));
        assert_eq!(of("{a: [x]}", "${{ vars.matrix }}"), all(&[]));
    }

    #[test]
    fn what_is_decided_elsewhere_is_not_known() {
        let text = "r/${{ matrix.a }}";
        for (matrix, text) in [
            ("${{ fromJSON(needs.a.outputs.b) }}", text),
            ("{a: '${{ fromJSON(x) }}'}", text),
            ("{a: ['${{ vars.X }}']}", text),
            ("{a: [x], include: '${{ x }}'}", text),
            ("{a: [x]}", "${{ matrix['a'] }}"),
            ("{a: [x]}", "${{ format('{0}', matrix.a) }}"),
            (&format!("{{a: [{}]}}", "x".repeat(LONGEST_VALUE + 1)), text),
            ("{a: [x]}", &format!("{text}{}", " ".repeat(LONGEST))),
        ] {
            assert!(!of(matrix, text).1, "{matrix} {text}");
        }
    }
}
