//! `rolewatch snooze`: from a finding that a replay told to the report that lists the snooze.

use std::fs;
use std::process::Command;

use rolewatch_tests::{ALLOWLIST, Run, rolewatch, root};
use tempfile::TempDir;

/// A memory, and what was told into it.
struct Memory {
    folder: TempDir,
    finding: String,
}

/// The day of a moment ago, or the moment; in UTC.
fn date(format: &str) -> String {
    let output = Command::new("date").args(["-u", format]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Memory {
    /// Of one event of today: findings are remembered for 100 days.
    fn of(subject: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let sample = fs::read_to_string(root().join("samples/events/detect-event.json")).unwrap();
        let today = sample
            .replace("2026-11-18T10:15:00Z", &date("+%Y-%m-%dT%H:%M:%SZ"))
            .replace("repo:my-org/my-repo:pull_request", subject);
        assert_ne!(today, sample);
        let replay = rolewatch(&format!(
            "replay -q --format json --allowlist {ALLOWLIST} -"
        ))
        .arg("--state")
        .arg(folder.path().join("memory"))
        .stdin(today)
        .run()
        .exits(1);
        let finding = replay.json()[0]["id"].as_str().unwrap().to_owned();
        Self { folder, finding }
    }

    /// A command line with `ID` for the finding.
    fn run(&self, arguments: &str, rest: &[&str]) -> Run {
        let mut command = rolewatch(&arguments.replace("ID", &self.finding))
            .arg("--state")
            .arg(self.folder.path().join("memory"));
        for argument in rest {
            command = command.arg(argument);
        }
        command.run()
    }

    fn snooze(&self) -> Run {
        let why = ["--reason", "PLAT-1: \u{1b}[31ma rule is on its way"];
        self.run("snooze ID --for 24h --by alex", &why).exits(0)
    }
}

const BRANCH: &str = "repo:my-org/my-repo:ref:refs/heads/a-branch";

#[test]
fn a_snooze_is_made_listed_reported_and_ended() {
    let memory = Memory::of(BRANCH);
    let made = memory.snooze().stdout;
    for part in [
        "until 2",
        "unlisted-context (high)",
        "my-org/my-repo",
        "alex",
        "PLAT-1",
    ] {
        assert!(made.contains(part), "{part}: {made}");
    }
    assert!(!made.contains('\u{1b}'), "{made}");
    assert_eq!(memory.run("snooze list", &[]).exits(0).stdout, made);

    let listed = memory.run("snooze list --format json", &[]).exits(0);
    let [line] = listed.json().try_into().unwrap();
    assert_eq!(line["schema"], "rolewatch.snooze/1");
    assert_eq!((&line["on"], &line["findings"]), (&true.into(), &0.into()));
    assert_eq!(line["finding"], memory.finding.as_str());

    let days = format!(
        "report -q --allowlist {ALLOWLIST} --since {} --until {}",
        date("+%Y-%m-%d"),
        String::from_utf8(
            Command::new("date")
                .args(["-u", "-d", "tomorrow", "+%Y-%m-%d"])
                .output()
                .unwrap()
                .stdout
        )
        .unwrap()
        .trim(),
    );
    let report = memory.run(&days, &[]).exits(1).stdout;
    for part in [
        "Snoozes",
        "unlisted-context of my-org/my-repo",
        "alex",
        "PLAT-1",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }

    let id = line["id"].as_str().unwrap();
    let ended = memory
        .run(&format!("snooze end {id} --by kim"), &[])
        .exits(0);
    assert!(ended.stdout.contains("by kim"), "{}", ended.stdout);
    let again = memory
        .run(&format!("snooze end {id} --by kim"), &[])
        .exits(2);
    assert!(again.stderr.contains("is on"), "{}", again.stderr);
    let none = memory.run("snooze list", &[]).exits(0);
    assert_eq!(none.stdout, "no snooze is on\n");
    let all = memory.run("snooze list --all", &[]).exits(0).stdout;
    assert!(all.contains("by kim"), "{all}");
}

#[test]
fn a_snooze_ends_by_the_id_of_its_finding_too() {
    let memory = Memory::of(BRANCH);
    memory.snooze();
    let ended = memory.run("snooze end ID --by kim", &[]).exits(0);
    assert!(ended.stdout.contains("by kim"), "{}", ended.stdout);
    let again = memory.run("snooze end ID --by kim", &[]).exits(2);
    assert!(again.stderr.contains("snooze list"), "{}", again.stderr);
}

#[test]
fn what_cannot_be_snoozed_is_said() {
    let memory = Memory::of("repo:evil/x:ref:refs/heads/main");
    let why = ["--reason", "quiet, please"];
    for (arguments, said) in [
        (
            "snooze ID --for 1h --by alex",
            "a critical finding cannot be snoozed",
        ),
        ("snooze 0000 --for 1h --by alex", "no finding with this id"),
        ("snooze ID --for 169h --by alex", "from a minute to 7 days"),
        ("snooze ID --for 0s --by alex", "from a minute to 7 days"),
    ] {
        let run = memory.run(arguments, &why).exits(2);
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    let list = memory.run("snooze list --all", &[]).exits(0);
    assert_eq!(list.stdout, "no snooze is on\n");
}

#[test]
fn a_memory_has_to_be_named_and_there() {
    let nowhere = rolewatch("snooze list")
        .env("ROLEWATCH_TABLE", "")
        .run()
        .exits(2);
    assert!(
        nowhere.stderr.contains("--table NAME"),
        "{}",
        nowhere.stderr
    );
    let missing = rolewatch("snooze list --state no/such/file").run().exits(2);
    assert!(
        missing.stderr.contains("no such file"),
        "{}",
        missing.stderr
    );
}
