//! First and last uses against the events themselves, whatever order they come in and however
//! often.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::allowlist::{Allowlist, compile};
use crate::assumption::Session;
use crate::store::table::{Item, Table};
use crate::store::{Ledger, MemoryTable, Store, Windows};

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";
const SUBJECTS: [&str; 3] = [
    "repo:acme/app:ref:refs/heads/main",
    "repo:acme@1/app@5:ref:refs/heads/main",
    "repo:acme/app:ref:refs/heads/not-listed",
];

fn allowlist() -> Allowlist {
    let text = format!(
        "version = 1\n[[allow]]\nname = 'a'\nroles = ['{ROLE}']\nrepositories = ['acme/app']\n\
         contexts = ['branch:main']\n"
    );
    compile(&text).unwrap().0
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn assumption(number: usize, minutes: i64, subject: &str) -> Assumption {
    Assumption {
        event_id: number.to_string(),
        time: start() + TimeDelta::minutes(minutes),
        account: Some("123456789012".into()),
        region: None,
        role_arn: ROLE.into(),
        role_session_name: None,
        issuer: github_oidc::GITHUB_ISSUER.into(),
        subject: subject.into(),
        audience: Some("sts.amazonaws.com".into()),
        session: Session::Requested(900),
        source_ip: None,
        user_agent: None,
        access_key_id: None,
        outcome: crate::assumption::Outcome::Issued,
    }
}

fn item(ledger: &Ledger<MemoryTable>, key: Key) -> Option<Item> {
    let now = start().timestamp();
    let items = ledger.table().read(&[key], now).now_or_never();
    items.unwrap().unwrap().remove(0)
}

fn day(seconds: i64) -> i64 {
    seconds.div_euclid(86_400)
}

proptest! {
    /// The first is exact; the last is so to the day, which is what it costs no read to say.
    #[test]
    fn the_first_and_the_last_use_are_those_of_the_events(
        events in prop::collection::vec((0i64..20_000, 0usize..3), 1..30),
        again in prop::collection::vec(0usize..30, 0..10),
    ) {
        let ledger = Ledger::new(MemoryTable::default(), Windows::default());
        let all: Vec<Assumption> = events
            .iter()
            .enumerate()
            .map(|(number, (minutes, subject))| assumption(number, *minutes, SUBJECTS[*subject]))
            .collect();
        let again = again.into_iter().filter_map(|place| all.get(place));
        for event in all.iter().chain(again) {
            let now = event.time + TimeDelta::seconds(20);
            let batch = vec![Observation::from(event.clone())];
            ledger.admit(batch, &allowlist(), now).now_or_never().unwrap().unwrap();
        }
        for subject in SUBJECTS {
            let times = all.iter().filter(|it| it.subject == subject).map(|it| it.time.timestamp());
            let key = keys::use_of(&assumption(0, 0, subject));
            let found: Option<Use> = item(&ledger, key).map(|it| serde_json::from_str(&it.value).unwrap());
            // What no rule expects teaches nothing.
            let is_expected = subject != SUBJECTS[2];
            let first_day = found.as_ref().map(|it| day(it.first));
            prop_assert_eq!(first_day, times.clone().min().filter(|_| is_expected).map(day));
            let last = found.map(|it| day(it.last));
            prop_assert_eq!(last, times.max().filter(|_| is_expected).map(day));
        }
    }
}

/// One for whom somebody else chooses the names remembers no more than a thousand of them.
#[test]
fn uses_of_a_role_and_repository_are_bounded() {
    let text = "version = 1\n[[allow]]\nname = 'a'\nroles = ['arn:aws:iam::123456789012:role/deploy']\n\
                repositories = ['acme/app']\ncontexts = ['branch:*']\n";
    let allowlist = compile(text).unwrap().0;
    let ledger = Ledger::new(MemoryTable::default(), Windows::default());
    for number in 0..1_010 {
        let subject = format!("repo:acme/app:ref:refs/heads/{number}");
        let batch = vec![assumption(number, 0, &subject).into()];
        ledger
            .admit(batch, &allowlist, start())
            .now_or_never()
            .unwrap()
            .unwrap();
    }
    let used = |number: u32| {
        let subject = format!("repo:acme/app:ref:refs/heads/{number}");
        item(&ledger, keys::use_of(&assumption(0, 0, &subject))).is_some()
    };
    assert!(used(0) && used(999) && !used(1_000) && !used(1_009));
    let cap = item(&ledger, keys::use_cap(ROLE, "acme/app")).unwrap();
    assert_eq!(cap.value, "1000");
}
