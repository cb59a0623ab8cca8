//! Other programs at the same question: which assumptions are in this archive?

use std::process::Command;

/// A program, and how it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rival {
    pub(crate) name: &'static str,
    /// What tells its version where it is there, run by a shell.
    version: &'static str,
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
        version: "rg --version",
        script: "rg -z --no-filename --count-matches AssumeRoleWithWebIdentity \"$1\" | awk '{ n += $1 } END { print n }'",
        counts: false,
    },
    Rival {
        name: "Python, gzip and json, as one would write it",
        version: "python3 --version",
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
        version: "python3 --version",
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
        version: "jq --version",
        script: r#"find "$1" -name '*.json.gz' -print0 | xargs -0 -n 8 -P "$(nproc)" sh -c 'gzip -dc "$@" | jq -r ".Records[] | select(.eventName == \"AssumeRoleWithWebIdentity\") | .eventID"' sh | wc -l"#,
        counts: true,
    },
    Rival {
        name: "DuckDB, read_json",
        version: "python3 -c 'import duckdb; print(\"DuckDB\", duckdb.__version__)'",
        script: r#"python3 - "$1" <<'PYTHON'
import duckdb, sys
print(duckdb.sql(f"""select count(*) from (select unnest(Records) as record
    from read_json('{sys.argv[1]}/**/*.json.gz', maximum_object_size = 67108864))
    where record.eventName = 'AssumeRoleWithWebIdentity'""").fetchone()[0])
PYTHON"#,
        counts: true,
    },
    Rival {
        // Its rules are a folder below; with one alone it has the least to do.
        name: "Suzaku, with its rule for AssumeRoleWithWebIdentity alone",
        version: "suzaku --version",
        script: r#"out=$(mktemp -d) && suzaku aws-ct-timeline --directory "$1" --rules "$SUZAKU_RULE" --output "$out/found.csv" -q -K >/dev/null && tail -n +2 "$out/found.csv" | wc -l; rm -r "$out""#,
        counts: true,
    },
];

impl Rival {
    /// The first line of what it says of itself; none where it is not there.
    pub(crate) fn version(&self) -> Option<String> {
        let output = Command::new("sh")
            .args(["-c", self.version])
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let version = said.lines().next().unwrap_or_default().to_owned();
        output.status.success().then_some(version)
    }
}
