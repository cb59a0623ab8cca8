//! The examples: sample records through the real binary, with a memory of what came before.

use rolewatch_tests::{read_json, rolewatch};
use serde_json::Value;

/// One example.
pub(crate) struct Preview {
    /// Of this severity.
    pub(crate) severity: &'static str,
    /// What the page says of it.
    pub(crate) says: &'static str,
    /// A sample record.
    record: &'static str,
    /// How often the same came in the days before.
    before: u32,
}

pub(crate) const PREVIEWS: &[Preview] = &[
    Preview {
        severity: "critical",
        says: "A stranger's workflow is in. The command ends the role's sessions; it stands there whole, to be pasted.",
        record: "unlisted-owner/fires-a-stranger",
        before: 0,
    },
    Preview {
        severity: "high",
        says: "A branch took a production role. It did so three times before, which the suggested rule would have allowed too.",
        record: "unlisted-context/fires-branch",
        before: 3,
    },
    Preview {
        severity: "medium",
        says: "The caller was expected, the length of the session was not.",
        record: "session-too-long/fires-asked-for-an-hour",
        before: 0,
    },
    Preview {
        severity: "low",
        says: "STS refused. These gather for five minutes and come as one message.",
        record: "denied-assumption/fires-trust-policy-said-no",
        before: 0,
    },
    Preview {
        severity: "info",
        says: "Expected, and for the first time.",
        record: "first-use/fires-another-role",
        before: 0,
    },
];

impl Preview {
    /// The message that would be posted.
    pub(crate) fn message(&self) -> Value {
        let record = read_json(&format!("samples/records/{}.json", self.record));
        let mut lines = String::new();
        for day in 1..=self.before {
            let mut earlier = record.clone();
            earlier["eventID"] = format!("00000000-0000-0000-0000-00000000000{day}").into();
            earlier["eventTime"] = format!("2026-11-0{day}T09:30:00Z").into();
            lines += &format!("{earlier}\n");
        }
        let run = rolewatch("replay --quiet --allowlist samples/allowlist.toml --format slack")
            .arg("--state")
            .arg(":memory:")
            .arg("--fail-on")
            .arg("info")
            .arg("-")
            .stdin(format!("{lines}{record}\n"))
            .run()
            .exits(1);
        serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap()
    }
}
