//! Other programs at the same question: which assumptions are in this archive?

use std::process::Command;

/// A program, and how it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rival {
    pub(crate) name: &'static str,
    /// What tells whether it is there, run by a shell.
    there: &'static str,
    /// What is run by a shell with the archive's folder as `$1`. It prints how many assumptions
    /// it found, if it can.
    pub(crate) script: &'static str,
    /// Whether the answer is that number.
    pub(crate) counts: bool,
}

/// In the order of the table. Each uses all cores, but for Python as one would write it.
pub(crate) const RIVALS: &[Rival] = &[
    Rival {
        name: "ripgrep -z (matches, not records)",
        there: "rg --version",
        script: "rg -z --no-filename --count-matches AssumeRoleWithWebIdentity \"$1\" | awk '{ n += $1 } END { print n }'",
        counts: false,
    },
    Rival {
        name: "Python, gzip and json, as one would write it",
        there: "python3 --version",
        script: r#"python3 - "$1" <<'PYTHON'
import gzip, json, pathlib, sys
count = 0
for path in pathlib.Path(sys.argv[1]).rglob("*.json.gz"):
    with gzip.open(path) as file:
        count += sum(record["eventName"] == "AssumeRoleWithWebIdentity" for record in json.load(file)["Records"])
print(count)
PYTHON"#,
        counts: true,
    },
    Rival {
        name: "Python, gzip and json, on all cores",
        there: "python3 --version",
        script: r#"python3 - "$1" <<'PYTHON'
import gzip, json, multiprocessing, pathlib, sys
def count(path):
    with gzip.open(path) as file:
        return sum(record["eventName"] == "AssumeRoleWithWebIdentity" for record in json.load(file)["Records"])
if __name__ == "__main__":
    with multiprocessing.Pool() as pool:
        print(sum(pool.imap_unordered(count, sorted(pathlib.Path(sys.argv[1]).rglob("*.json.gz")))))
PYTHON"#,
        counts: true,
    },
    Rival {
        name: "jq",
        there: "jq --version",
        script: r#"find "$1" -name '*.json.gz' -print0 | xargs -0 -n 8 -P "$(nproc)" sh -c 'gzip -dc "$@" | jq -r ".Records[] | select(.eventName == \"AssumeRoleWithWebIdentity\") | .eventID"' sh | wc -l"#,
        counts: true,
    },
    Rival {
        name: "DuckDB, read_json",
        there: "python3 -c 'import duckdb'",
        script: r#"python3 - "$1" <<'PYTHON'
import duckdb, sys
print(duckdb.sql(f"""select count(*) from (select unnest(Records) as record
    from read_json('{sys.argv[1]}/**/*.json.gz', maximum_object_size = 67108864))
    where record.eventName = 'AssumeRoleWithWebIdentity'""").fetchone()[0])
PYTHON"#,
        counts: true,
    },
    Rival {
        name: "Suzaku",
        there: "suzaku help",
        script: "suzaku aws-ct-timeline --directory \"$1\" --output \"$(mktemp -d)/out\" >/dev/null; echo",
        counts: false,
    },
];

impl Rival {
    pub(crate) fn is_there(&self) -> bool {
        Command::new("sh")
            .args(["-c", self.there])
            .output()
            .is_ok_and(|output| output.status.success())
    }
}
