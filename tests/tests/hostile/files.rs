//! Names of files and folders.

use rolewatch_tests::root;

use super::{assert_harmless, assert_printable, replay};

#[cfg(unix)]
#[test]
fn names_of_files_are_shown_harmlessly() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let log = std::fs::read(root().join("samples/containers/cloudtrail.json")).unwrap();
    let mut written = 0;
    for name in [
        &b"\x1b[2Jgood.json"[..],
        b"not-utf-8-\xff\xfe.json",
        b"line\nbreak.json",
        "\u{202e}nosj".as_bytes(),
        b"-",
    ] {
        // Some file systems take UTF-8 only.
        let good = folder.path().join(OsStr::from_bytes(name));
        let bad = folder
            .path()
            .join(OsStr::from_bytes(&[name, b".bad"].concat()));
        if std::fs::write(good, &log).is_ok() {
            std::fs::write(bad, "not a log").unwrap();
            written += 1;
        }
    }
    for format in ["text", "json"] {
        let run = replay("--format")
            .arg(format)
            .arg(folder.path())
            .run()
            .exits(2);
        assert_printable(&run.stdout);
        assert_printable(&run.stderr);
        assert_eq!(
            run.stderr
                .lines()
                .filter(|it| it.starts_with("rolewatch: error: "))
                .count(),
            written
        );
        if format == "json" {
            assert_eq!(run.findings().len(), 1, "the good ones are read");
            let failed = run.summary()["inputs"]["failed"].as_array().unwrap().len();
            assert_eq!(failed, written);
        }
    }
}

#[test]
fn long_paths_do_not_make_long_lines() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("d".repeat(200)).join("e".repeat(200));
    std::fs::create_dir_all(&long).unwrap();
    std::fs::write(long.join("log.json"), "not a log").unwrap();
    let run = replay("").arg(folder.path()).run().exits(2);
    assert_harmless(&run.stderr);
    assert!(
        run.stderr
            .replace("\n    ", "")
            .contains(long.to_str().unwrap()),
        "{}",
        run.stderr
    );
}
