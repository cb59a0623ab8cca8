//! Any text is read or refused; what was read is linted, and each witness comes out as claimed.

use iam_trust::{Options, evaluate, lint, read};

pub fn run(text: &str) {
    let Ok(input) = read(text) else { return };
    for role in input.roles {
        let place = role.replace_policy(text, &role.policy.text);
        let derived = role.derived;
        assert!(place.map_or(!role.can_be_edited(), |file| derived || read(&file).is_ok()));
        if role.policy.text.len() > 4096 {
            continue;
        }
        for lint in lint(&role, &Options::default()) {
            if let Some(witness) = lint.witness {
                let verdict = evaluate(&role.policy, &witness.request);
                assert_eq!(verdict.allowed, witness.admitted);
            }
        }
    }
}
