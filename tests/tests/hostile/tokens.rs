//! What must never be shown: the credentials that a record holds.

use rolewatch_tests::{SESSION_TOKEN, root};

use super::{record, replay};

/// Everything rolewatch can print about the samples, in every format.
#[test]
fn a_session_token_is_never_printed() {
    let mut held = 0;
    for path in rolewatch_tests::files("samples") {
        let bytes = std::fs::read(root().join(&path)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        if path.starts_with("samples/records") {
            held += usize::from(text.contains(SESSION_TOKEN));
        }
        for format in ["text", "json"] {
            let run = replay(&format!("--format {format} {path}")).run();
            assert!(!run.stdout.contains(SESSION_TOKEN), "{path}");
            assert!(!run.stderr.contains(SESSION_TOKEN), "{path}");
        }
    }
    assert!(held > 50, "{held} samples hold the token");
    let (_, record) = record("dev");
    let event = record["eventID"].as_str().unwrap();
    let explained = replay("- --explain")
        .arg(event)
        .stdin(record.to_string())
        .run()
        .exits(1);
    assert!(!explained.stdout.contains(SESSION_TOKEN));
}

#[test]
fn a_damaged_record_does_not_leak_its_token() {
    let (_, record) = record("dev");
    let whole = record.to_string();
    let token = whole.find(SESSION_TOKEN).unwrap();
    let mut damaged = vec![
        whole.clone(),
        whole.replace(SESSION_TOKEN, &format!("{SESSION_TOKEN}\\q")),
        whole.replace("\"sessionToken\":", "\"sessionToken\":\\"),
        whole.replace(&format!("\"{SESSION_TOKEN}\""), SESSION_TOKEN),
        // A token where nobody expects one.
        format!("{{\"{SESSION_TOKEN}\":1}}"),
        whole[token..].to_owned(),
    ];
    damaged.extend(
        (0..SESSION_TOKEN.len())
            .step_by(7)
            .map(|at| whole[..=token + at].to_owned()),
    );
    for input in &damaged[..4] {
        for format in ["text", "json"] {
            let run = replay(&format!("--format {format} -"))
                .stdin(input.as_str())
                .run();
            assert!(
                !run.stdout.contains(SESSION_TOKEN),
                "{input}\n{}",
                run.stdout
            );
            assert!(
                !run.stderr.contains(SESSION_TOKEN),
                "{input}\n{}",
                run.stderr
            );
        }
    }
    for input in &damaged {
        let run = replay("-").stdin(input.as_str()).run();
        assert!([1, 2].contains(&run.code), "{input}");
    }
}
