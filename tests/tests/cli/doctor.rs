//! `rolewatch doctor` where there is no AWS to look at; `tests/emulator/test_doctor.py` has the rest.

use rolewatch_tests::rolewatch;

/// Nothing of this machine's settings is seen, and nothing is there to answer.
fn doctor(region: &str) -> rolewatch_tests::Run {
    in_region(region, "doctor")
}

fn in_region(region: &str, arguments: &str) -> rolewatch_tests::Run {
    rolewatch(arguments)
        .env("AWS_REGION", region)
        .env("AWS_DEFAULT_REGION", "")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "never-to-be-shown")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .run()
}

#[test]
fn without_a_region_or_an_answer_it_says_what_to_do() {
    let nowhere = doctor("").exits(2);
    assert!(nowhere.stderr.contains("AWS_REGION"), "{}", nowhere.stderr);
    let role = "arn:aws:iam::123456789012:role/x";
    let subject = "repo:a/b:environment:prod:eu";
    let drill = in_region("", &format!("drill --sub {subject} --role {role}")).exits(2);
    assert!(drill.stderr.contains("prod%3Aeu"), "{}", drill.stderr);
    assert!(
        drill.stderr.contains("export AWS_REGION="),
        "{}",
        drill.stderr
    );
    let nobody = doctor("eu-central-1").exits(2);
    assert!(
        nobody.stderr.contains("sts:GetCallerIdentity"),
        "{}",
        nobody.stderr
    );
    for run in [nowhere, nobody] {
        assert_eq!(run.stdout, "");
        assert!(!run.stderr.contains("never-to-be-shown"));
    }
}
