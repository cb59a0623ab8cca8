//! Networks: named sets of addresses.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::Invalid;

/// A named set of address blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) name: String,
    pub(crate) blocks: Vec<IpNet>,
}

impl Network {
    /// Whether `source` is an address within the set. A service's name or "AWS Internal" is not.
    pub(crate) fn contains(&self, source: &str) -> bool {
        source.parse::<IpAddr>().is_ok_and(|address| {
            let address = address.to_canonical();
            self.blocks.iter().any(|block| block.contains(&address))
        })
    }

    pub(crate) fn parse_block(text: &str) -> Result<IpNet, Invalid> {
        text.parse().map(canonical).map_err(|_| {
            let help = match text.parse::<IpAddr>() {
                Ok(address) => format!("for this one address write {}", IpNet::from(address)),
                Err(_) => {
                    "write a block of addresses, such as 203.0.113.0/24 or 2001:db8::/32".into()
                }
            };
            Invalid::new(format!("`{text}` is not a block of addresses"), help)
        })
    }
}

/// A block of IPv4 addresses that are written as IPv6 (`::ffff:203.0.113.0/120`) as IPv4, which
/// addresses are, too, before they are looked up.
fn canonical(block: IpNet) -> IpNet {
    let IpAddr::V4(address) = block.addr().to_canonical() else {
        return block;
    };
    let prefix = match block {
        IpNet::V4(_) => return block,
        IpNet::V6(mapped) => mapped.prefix_len().checked_sub(96),
    };
    prefix
        .and_then(|prefix| Ipv4Net::new(address, prefix).ok())
        .map_or(block, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_families() {
        let network = Network {
            name: "corp".into(),
            blocks: vec![
                Network::parse_block("203.0.113.0/24").unwrap(),
                Network::parse_block("2001:db8::/48").unwrap(),
            ],
        };
        for source in ["203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9"] {
            assert!(network.contains(source), "{source}");
        }
        for source in [
            "203.0.114.9",
            "2001:db9::1",
            "AWS Internal",
            "cloudformation.amazonaws.com",
            "",
        ] {
            assert!(!network.contains(source), "{source}");
        }
        assert!(
            Network::parse_block("203.0.113.7")
                .unwrap_err()
                .help
                .contains("203.0.113.7/32")
        );
    }

    #[test]
    fn mapped_blocks_and_mapped_addresses_meet() {
        for block in [
            "::ffff:203.0.113.0/120",
            "203.0.113.0/24",
            "203.0.113.77/24",
        ] {
            let network = Network {
                name: "corp".into(),
                blocks: vec![Network::parse_block(block).unwrap()],
            };
            assert!(network.contains("203.0.113.9"), "{block}");
            assert!(network.contains("::ffff:203.0.113.9"), "{block}");
            assert!(!network.contains("203.0.114.9"), "{block}");
            assert!(!network.contains("2001:db8::1"), "{block}");
        }
    }
}
