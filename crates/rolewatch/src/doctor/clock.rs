//! Whether this machine's clock is right: what is said of ages here leans on it, and AWS refuses what is signed at another
//! time.

use super::{Facts, Probe};

/// AWS refuses signatures from five minutes on.
const REFUSED: i64 = 300;
/// A clock that is kept right is not off by so many seconds.
const KEPT: i64 = 30;

pub(super) fn examine(facts: &Facts) -> Vec<Probe> {
    const NAME: &str = "clock";
    let probe = match &facts.clock {
        Err(not) => not.probe(NAME, "AWS's time"),
        Ok(time) => {
            let off = (facts.now - *time).num_seconds();
            let message = match off {
                0 => "as AWS's, to the second".to_owned(),
                1.. => format!("{off} s before AWS's"),
                _ => format!("{} s behind AWS's", -off),
            };
            let cure = "set this machine's clock (chrony, systemd-timesyncd)";
            match off.abs() {
                REFUSED.. => Probe::fail(NAME, message, cure),
                KEPT.. => Probe::warn(NAME, message, cure),
                _ => Probe::ok(NAME, message),
            }
        }
    };
    vec![probe]
}
