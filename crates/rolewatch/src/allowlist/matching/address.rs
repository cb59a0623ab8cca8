//! Networks: named sets of addresses.

use std::net::IpAddr;

use ipnet::IpNet;

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
        text.parse().map_err(|_| {
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
}
