use rolewatch_tests::rolewatch;

use crate::snapshot;

const COMMANDS: [&str; 26] = [
    "",
    "replay",
    "init",
    "diff",
    "report",
    "allowlist",
    "allowlist check",
    "allowlist test",
    "allowlist schema",
    "allowlist explain",
    "trust",
    "trust lint",
    "trust explain",
    "trust fix",
    "workflow",
    "workflow lint",
    "token",
    "token inspect",
    "token verify",
    "drill",
    "snooze",
    "snooze list",
    "snooze end",
    "doctor",
    "checks",
    "completions",
];

#[test]
fn every_command_has_its_help() {
    let mut all = String::new();
    for command in COMMANDS {
        let help = rolewatch(&format!("{command} --help")).run().success();
        all += &format!("$ rolewatch {command} --help\n{help}\n");
    }
    assert!(all.lines().all(|line| line.chars().count() <= 100), "{all}");
    snapshot!("help", all);
}

#[test]
fn no_command_is_forgotten_here() {
    let listed = |help: &str| -> Vec<String> {
        help.lines()
            .skip_while(|line| *line != "Commands:")
            .skip(1)
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
            .filter(|command| !["", "help"].contains(command))
            .map(str::to_owned)
            .collect()
    };
    let mut commands = listed(&rolewatch("--help").run().stdout);
    for group in ["allowlist", "trust", "workflow", "token", "snooze"] {
        for below in listed(&rolewatch(&format!("{group} --help")).run().stdout) {
            commands.push(format!("{group} {below}"));
        }
    }
    commands.sort();
    let mut known = COMMANDS.map(str::to_owned).to_vec();
    known.retain(|command| !command.is_empty());
    known.sort();
    assert_eq!(commands, known);
}

#[test]
fn the_version_is_said() {
    snapshot!("version", rolewatch("--version").run().success());
}

#[test]
fn the_checks_are_listed() {
    snapshot!("checks", rolewatch("checks").run().success());
}

#[test]
fn every_check_has_its_page() {
    let list = rolewatch("checks").run().success();
    for line in list.lines() {
        let id = line.split_whitespace().nth(1).unwrap();
        let page = rolewatch(&format!("checks {id}")).run().success();
        assert!(page.starts_with(&format!("# {id}\n")), "{page}");
        let headings: Vec<_> = page.lines().filter(|it| it.starts_with("## ")).collect();
        assert_eq!(
            headings,
            [
                "## What it does",
                "## Why it matters",
                "## Example",
                "## What to do"
            ],
            "{id}"
        );
    }
    let unknown = rolewatch("checks unlisted").run().exits(2);
    assert_eq!(
        unknown.stderr,
        "rolewatch: error: no check has the id unlisted; `rolewatch checks` lists them\n"
    );
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = rolewatch(&format!("completions {shell}")).run().success();
        assert!(
            script.contains("rolewatch") && script.contains("replay"),
            "{shell}"
        );
    }
    assert_eq!(rolewatch("completions cmd").run().code, 2);
}
