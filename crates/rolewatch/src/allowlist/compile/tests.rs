//! `[[test]]`.

use std::net::IpAddr;

use github_oidc::GITHUB_ISSUER;

use super::super::matching::{Invalid, RolePattern, parse_duration};
use super::super::raw::{At, RawTest};
use super::super::test_case::TestCase;
use super::Compiler;

impl Compiler<'_, '_> {
    pub(super) fn test(&mut self, raw: &RawTest) -> Option<TestCase> {
        const TABLE: &str = "[[test]]";
        let name = self.required(raw.name.as_ref(), "name", TABLE, &raw.span);
        let role = self.required(raw.role.as_ref(), "role", TABLE, &raw.span);
        let subject = self.required(raw.subject.as_ref(), "subject", TABLE, &raw.span);
        let expect = self.required(raw.expect.as_ref(), "expect", TABLE, &raw.span);
        if let Some(role) = role {
            self.parse_each(std::slice::from_ref(role), one_role);
        }
        let session = raw
            .session
            .as_ref()
            .map(|text| self.parse_each(std::slice::from_ref(text), parse_duration));
        let issuer = raw.issuer.as_ref().and_then(|url| self.parse_issuer(url));
        if let Some(source) = &raw.source_ip {
            self.parse_each(std::slice::from_ref(source), one_address);
        }
        Some(TestCase {
            expect: self.expectation(expect?),
            line: self.diagnostics.line_of(raw.span.start),
            name: name?.value.clone(),
            role: role?.value.clone(),
            subject: subject?.value.clone(),
            issuer: issuer.map_or_else(|| GITHUB_ISSUER.to_owned(), |issuer| issuer.url()),
            session: session.and_then(|mut seconds| seconds.pop()),
            audience: raw.audience.as_ref().map(|audience| audience.value.clone()),
            region: raw.region.as_ref().map(|region| region.value.clone()),
            source_ip: raw.source_ip.as_ref().map(|source| source.value.clone()),
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

fn one_address(text: &str) -> Result<(), Invalid> {
    text.parse::<IpAddr>().map(|_| ()).map_err(|_| {
        Invalid::new(
            format!("`{text}` is not an address"),
            "write one address, such as 203.0.113.7",
        )
    })
}
