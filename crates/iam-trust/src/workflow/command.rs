//! `aws sts assume-role-with-web-identity` in the script of a step.

use std::collections::BTreeMap;

use super::surroundings::Surroundings;

/// What a script says to assume a role.
pub(super) const CALL: &str = "assume-role-with-web-identity";
/// The most mentions of it in one script that are looked at.
const MOST: usize = 1000;
/// The longest command that is read, in bytes.
const LONGEST: usize = 4 << 10;

/// One call: its options, with variables as far as they are known.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// Its line in the script, from 0.
    pub(super) line: usize,
    options: BTreeMap<String, String>,
}

impl Command {
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// Whether options may come out of a file, or of an array of the shell's.
    pub(super) fn is_opaque(&self) -> bool {
        let mut names = self.options.keys();
        names.any(|name| name.starts_with("--cli-input") || name.starts_with("${{"))
    }

    /// Every call of a script.
    pub(super) fn all(script: &str, around: &Surroundings<'_>) -> Vec<Self> {
        let mentions = script.match_indices(CALL).take(MOST);
        let calls = mentions.filter(|(at, _)| {
            let line = script[..*at].rsplit('\n').next().unwrap_or_default();
            let is_comment = line.trim_start().starts_with('#');
            !is_comment && line.trim_end().ends_with("sts")
        });
        calls
            .map(|(at, call)| Self {
                line: script[..at].matches('\n').count(),
                ..Self::parse(&script[at + call.len()..], around)
            })
            .collect()
    }

    fn parse(text: &str, around: &Surroundings<'_>) -> Self {
        let mut words = Words {
            rest: &text[..text.floor_char_boundary(LONGEST)],
            around,
        };
        let mut command = Self::default();
        let mut last = None;
        while let Some(word) = words.next() {
            match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => {
                    command.options.insert(name.to_owned(), value.to_owned());
                }
                _ if word.starts_with("--") || last.is_none() => {
                    command.options.insert(word.clone(), String::new());
                    last = Some(word);
                }
                _ => {
                    let name = last.take().unwrap_or_default();
                    command.options.insert(name, word);
                }
            }
        }
        command
    }
}

/// The words of one command, up to its end.
struct Words<'a> {
    rest: &'a str,
    around: &'a Surroundings<'a>,
}

impl<'a> Words<'a> {
    /// The next word; nothing at the end of the command.
    fn next(&mut self) -> Option<String> {
        let mut word = String::new();
        let mut quote = None;
        while let Some(letter) = self.letter() {
            let is_expression = self.rest.starts_with("{{");
            match (letter, quote) {
                ('"' | '\'', None) => quote = Some(letter),
                (_, Some(open)) if open == letter => quote = None,
                // GitHub puts in what an expression is before any shell sees quotes.
                ('$', Some('\'')) if !is_expression => word.push('$'),
                ('$', _) => word.push_str(&self.dollar()),
                // Goes on in the next line, in a shell or in PowerShell.
                ('\\' | '`', None) if self.rest.starts_with('\n') => self.skip(1),
                ('\n' | ';' | '|' | '&' | ')' | '`' | '>' | '<', None) => self.rest = "",
                (blank, None) if blank.is_whitespace() && word.is_empty() => {}
                (blank, None) if blank.is_whitespace() => return Some(word),
                _ => word.push(letter),
            }
        }
        (!word.is_empty()).then_some(word)
    }

    fn letter(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.skip(letter.len_utf8());
        Some(letter)
    }

    /// What follows a dollar: an expression of GitHub's, a variable, or a command.
    fn dollar(&mut self) -> String {
        if self.rest.starts_with("{{") {
            let inside = self.up_to("}}");
            return self.around.expand(&format!("${inside}"));
        }
        let braced = self.rest.starts_with('{');
        let name = &self.rest[usize::from(braced)..];
        let end = name.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_'));
        let name = &name[..end.unwrap_or(name.len())];
        let value = self.around.variable(name);
        if braced {
            self.up_to("}");
        } else if name.is_empty() && self.rest.starts_with('(') {
            self.skip_command();
        } else {
            self.skip(name.len());
        }
        value
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    /// What stands up to an end, and the end; all of it where there is none.
    fn up_to(&mut self, end: &str) -> &'a str {
        let rest = self.rest;
        let length = rest.find(end).map_or(rest.len(), |at| at + end.len());
        self.skip(length);
        &rest[..length]
    }

    /// Past the command in parentheses that stands here.
    fn skip_command(&mut self) {
        let mut depth = 0;
        while let Some(letter) = self.letter() {
            match letter {
                '(' => depth += 1,
                ')' if depth == 1 => return,
                ')' => depth -= 1,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(script: &str) -> Vec<(String, String)> {
        let around = Surroundings::of([]);
        let mut all = Command::all(script, &around);
        assert_eq!(all.len(), 1, "{script}");
        all.remove(0).options.into_iter().collect()
    }

    fn one(script: &str, name: &str) -> String {
        let found = options(script).into_iter().find(|it| it.0 == name);
        found.unwrap_or_default().1
    }

    #[test]
    fn options_are_read_as_a_shell_would() {
        let script = "set -e\naws sts assume-role-with-web-identity \\\n  --role-arn \"arn:x\" \\\n  \
                      --duration-seconds=900 --role-session-name 'a b' > out.json; echo --role-arn no";
        let wanted = [
            ("--duration-seconds", "900"),
            ("--role-arn", "arn:x"),
            ("--role-session-name", "a b"),
        ];
        let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(options(script), wanted);
    }

    #[test]
    fn variables_are_what_is_known_of_them() {
        let name = |value: &str| {
            let script = format!("x=$(aws sts {CALL} --role-session-name {value} --y z)");
            assert_eq!(one(&script, "--y"), "z", "{value}");
            one(&script, "--role-session-name")
        };
        assert_eq!(name("a-$GITHUB_RUN_ID"), "a-${{ github.run_id }}");
        assert_eq!(name("\"${GITHUB_JOB:-x}\""), "${{ github.job }}");
        assert_eq!(name("'${{ github.run_id }}'"), "${{ github.run_id }}");
        assert_eq!(name("$(date +%s (x) y)"), "${{ shell. }}");
        assert_eq!(name("'$plain'"), "$plain");
        assert_eq!(name("${OTHER}x"), "${{ shell.OTHER }}x");
    }

    #[test]
    fn what_is_no_call_is_none() {
        let around = Surroundings::of([]);
        for script in [
            "# aws sts assume-role-with-web-identity --role-arn x",
            "echo assume-role-with-web-identity",
            "",
        ] {
            assert_eq!(Command::all(script, &around), [], "{script}");
        }
        let opaque = "aws sts assume-role-with-web-identity --cli-input-json file://x.json";
        assert!(Command::all(opaque, &around)[0].is_opaque());
        let array = "aws sts assume-role-with-web-identity ${OPTIONS[@]}";
        assert!(Command::all(array, &around)[0].is_opaque());
    }
}
