//! `[[test]]`.

use std::net::IpAddr;

use github_oidc::GITHUB_ISSUER;

use super::super::matching::{Invalid, RolePattern};
use super::super::raw::{At, RawTest};
use super::super::test_case::TestCase;
use super::Compiler;

impl Compiler<'_, '_> {
    pub(super) fn test(&mut self, raw: &RawTest) -> Option<TestCase> {
        self.parse_one(raw.role.as_ref(), one_role);
        self.parse_one(raw.issuer.as_ref(), https_url);
        self.parse_one(raw.source_ip.as_ref(), one_address);
        let session = raw.session.as_ref().map(|text| self.session(text));
        let expect = raw.expect.as_ref().map(|ids| self.expectation(ids));
        let text = |field: &Option<At<String>>| field.as_ref().map(|text| text.value.clone());
        Some(TestCase {
            line: self.diagnostics.line_of(raw.span.start),
            name: text(&raw.name)?,
            role: text(&raw.role)?,
            subject: text(&raw.subject)?,
            expect: expect?,
            issuer: text(&raw.issuer).unwrap_or_else(|| GITHUB_ISSUER.to_owned()),
            session,
            audience: text(&raw.audience),
            region: text(&raw.region),
            source_ip: text(&raw.source_ip),
            at: raw.at.as_ref().map(|at| at.value),
        })
    }

    /// The checks that must complain; none for "expected".
    fn expectation(&mut self, expect: &[At<String>]) -> Vec<&'static str> {
        match expect {
            [one] if one.value == "expected" => Vec::new(),
            many => many
                .iter()
                .filter_map(|id| self.check(id))
                .map(|check| check.id)
                .collect(),
        }
    }
}

fn one_role(text: &str) -> Result<(), Invalid> {
    if RolePattern::parse(text)?.is_literal() {
        Ok(())
    } else {
        Err(Invalid::new(
            format!("`{text}` is a pattern"),
            "a test is about one role; write its ARN out",
        ))
    }
}

/// Any issuer can be tested, look-alikes and strangers, too.
fn https_url(text: &str) -> Result<(), Invalid> {
    let host = text.strip_prefix("https://").unwrap_or_default();
    if host.is_empty() || text.contains(char::is_whitespace) {
        return Err(Invalid::new(
            format!("`{text}` is not an issuer's URL"),
            format!("write the token's `iss`, such as {GITHUB_ISSUER}"),
        ));
    }
    Ok(())
}

fn one_address(text: &str) -> Result<(), Invalid> {
    text.parse::<IpAddr>().map(|_| ()).map_err(|_| {
        Invalid::new(
            format!("`{text}` is not an address"),
            "write one address, such as 203.0.113.7",
        )
    })
}
