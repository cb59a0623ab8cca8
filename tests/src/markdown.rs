//! The little of Markdown that the tests of the documentation read.

use std::path::Path;

/// A command of a page: a line that starts with `$ ` in a block of a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The line of the page, from 1.
    pub line: usize,
    /// What to run, continued lines joined.
    pub text: String,
    /// The code it says to exit with, as `# exit code 1` behind it; else 0.
    pub exit: i32,
}

/// Every command of a page.
#[must_use]
pub fn commands(page: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut in_shell = false;
    let mut continued = false;
    for (index, line) in page.lines().enumerate() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            in_shell = matches!(language.trim(), "console" | "sh");
            continued = false;
            continue;
        }
        let (text, starts) = match line.strip_prefix("$ ") {
            Some(text) if in_shell => (text, true),
            _ if in_shell && continued => (line, false),
            _ => continue,
        };
        let (text, exit) = match text.split_once("# exit code ") {
            Some((text, code)) => (text, code.trim().parse().unwrap_or(-1)),
            None => (text, 0),
        };
        continued = text.ends_with('\\');
        let text = text.trim_end_matches('\\').trim();
        match commands.last_mut() {
            Some(command) if !starts => {
                command.text = format!("{} {text}", command.text);
                command.exit = exit;
            }
            _ => commands.push(Command {
                line: index + 1,
                text: text.to_owned(),
                exit,
            }),
        }
    }
    commands
}

/// The targets of a page's relative links, without their fragments.
#[must_use]
pub fn relative_links(page: &str) -> Vec<String> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or_default().to_owned())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .collect()
}

/// The pages that people read: the root's, and those of docs/.
#[must_use]
pub fn pages() -> Vec<String> {
    let mut pages = crate::files("docs");
    for entry in std::fs::read_dir(crate::root()).into_iter().flatten() {
        pages.extend(entry.ok().and_then(|it| it.file_name().into_string().ok()));
    }
    pages.retain(|page| Path::new(page).extension().is_some_and(|it| it == "md"));
    pages.sort();
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_with_their_exit_codes() {
        let page = "```console\n$ a \\\n    b    # exit code 1\noutput\n$ c\n```\n$ no\n```toml\n$ no\n```\n";
        let found: Vec<_> = commands(page)
            .into_iter()
            .map(|it| (it.line, it.text, it.exit))
            .collect();
        assert_eq!(found, [(2, "a b".into(), 1), (5, "c".into(), 0)]);
    }

    #[test]
    fn links_into_the_repository_are_found() {
        let page = "[a](docs/a.md#x) [b](https://b.example) [c](#here)";
        assert_eq!(relative_links(page), ["docs/a.md"]);
    }
}
