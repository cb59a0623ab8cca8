//! What rules lean on (version, defaults, issuers, networks), written back as TOML, so that a
//! suggested rule can be compiled without the rest of the file.

use std::fmt::Write as _;

use github_oidc::Issuer;

use super::Defaults;
use super::matching::{Network, format_duration};
use crate::rendering::is_unprintable;

pub(super) fn preamble<'a>(
    issuers: &[Issuer],
    networks: impl Iterator<Item = &'a Network>,
    defaults: &Defaults,
) -> String {
    let mut text = format!(
        "version = 1\n[defaults]\nissuers = {}\naudiences = {}\nmax_session = {}\n",
        list(defaults.issuers.iter().map(Issuer::url)),
        list(defaults.audiences.iter()),
        quote(&format_duration(defaults.max_session)),
    );
    for issuer in issuers {
        let _ = writeln!(text, "[[issuer]]\nurl = {}", quote(&issuer.url()));
    }
    for network in networks {
        let (name, cidrs) = (quote(&network.name), list(&network.blocks));
        let _ = writeln!(text, "[[network]]\nname = {name}\ncidrs = {cidrs}");
    }
    text
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = items
        .into_iter()
        .map(|item| quote(&item.to_string()))
        .collect();
    format!("[{}]", quoted.join(", "))
}

/// A TOML basic string, on one line and without a character that cannot be seen.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_unprintable(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
