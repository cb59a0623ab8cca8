//! Addresses in conditions.

use std::net::IpAddr;

/// Whether an address lies in a range (`203.0.113.0/24`, or one address); nothing where either is
/// none.
pub(super) fn contains(range: &str, address: &str) -> Option<bool> {
    let address: IpAddr = address.parse().ok()?;
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, Some(length.parse::<u32>().ok()?)),
        None => (range, None),
    };
    match (network.parse().ok()?, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let (network, address) = (u32::from(network), u32::from(address));
            Some(
                network_of(u128::from(network), length, 32)?
                    == network_of(u128::from(address), length, 32)?,
            )
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let (network, address) = (u128::from(network), u128::from(address));
            Some(network_of(network, length, 128)? == network_of(address, length, 128)?)
        }
        _ => Some(false),
    }
}

fn network_of(address: u128, length: Option<u32>, bits: u32) -> Option<u128> {
    let host = bits.checked_sub(length.unwrap_or(bits))?;
    Some(address.checked_shr(host).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_both_families() {
        for (range, address, answer) in [
            ("203.0.113.0/24", "203.0.113.9", Some(true)),
            ("203.0.113.0/24", "203.0.114.9", Some(false)),
            ("0.0.0.0/0", "1.2.3.4", Some(true)),
            ("::/0", "2001:db8::1", Some(true)),
            ("2001:db8::/32", "2001:db8:1::1", Some(true)),
            ("1.2.3.4", "1.2.3.4", Some(true)),
            ("1.2.3.4", "::1", Some(false)),
            ("1.2.3.4/33", "1.2.3.4", None),
            ("x", "1.2.3.4", None),
            ("1.2.3.4", "AWS Internal", None),
        ] {
            assert_eq!(contains(range, address), answer, "{range} {address}");
        }
    }
}
