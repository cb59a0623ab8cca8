//! From TOML to [`RawAllowlist`]: every table read with [`Fields`], every problem noted.

use toml::de::DeTable;

use super::diagnostic::Diagnostics;
use super::fields::Fields;
use super::raw::{RawAllowlist, RawDefaults, RawIgnore, RawIssuer, RawNetwork, RawRule, RawTest};

/// Reads what can be read. Syntax errors do not hide the problems in the rest of the file.
pub(super) fn read(text: &str, diagnostics: &mut Diagnostics<'_>) -> RawAllowlist {
    let (document, syntax_errors) = DeTable::parse_recoverable(text);
    for error in syntax_errors {
        let place = error.span().unwrap_or(0..0);
        diagnostics.error(
            place,
            error.message(),
            "nothing behind this may be understood until it is valid TOML",
        );
    }
    allowlist(document.get_ref(), diagnostics)
}

fn allowlist(table: &DeTable<'_>, diagnostics: &mut Diagnostics<'_>) -> RawAllowlist {
    let mut fields = Fields::new("the allowlist", table);
    if !fields.has("version") {
        let help = "begin the file with version = 1";
        diagnostics.error(0..0, "`version` is missing", help);
    }
    let raw = RawAllowlist {
        version: fields.integer("version", diagnostics),
        mode: fields.string("mode", diagnostics),
        defaults: fields
            .table("defaults", diagnostics)
            .map(|table| defaults(table, diagnostics)),
        issuer: each(&mut fields, "issuer", diagnostics, issuer),
        network: each(&mut fields, "network", diagnostics, network),
        allow: each(&mut fields, "allow", diagnostics, rule),
        ignore: each(&mut fields, "ignore", diagnostics, ignore),
        test: each(&mut fields, "test", diagnostics, test),
    };
    fields.finish(diagnostics);
    raw
}

type Span = std::ops::Range<usize>;

fn each<T>(
    fields: &mut Fields<'_, '_>,
    key: &'static str,
    diagnostics: &mut Diagnostics<'_>,
    read_one: fn(Span, &DeTable<'_>, &mut Diagnostics<'_>) -> T,
) -> Vec<T> {
    let tables = fields.tables(key, diagnostics);
    tables
        .into_iter()
        .map(|(span, table)| read_one(span, table, diagnostics))
        .collect()
}

fn defaults(table: &DeTable<'_>, diagnostics: &mut Diagnostics<'_>) -> RawDefaults {
    let mut fields = Fields::new("[defaults]", table);
    let raw = RawDefaults {
        issuers: fields.strings("issuers", diagnostics),
        audiences: fields.strings("audiences", diagnostics),
        max_session: fields.string("max_session", diagnostics),
    };
    fields.finish(diagnostics);
    raw
}

fn issuer(span: Span, table: &DeTable<'_>, diagnostics: &mut Diagnostics<'_>) -> RawIssuer {
    let mut fields = Fields::new("[[issuer]]", table);
    fields.require(&["url"], &span, diagnostics);
    let raw = RawIssuer {
        url: fields.string("url", diagnostics),
    };
    fields.finish(diagnostics);
    raw
}

fn network(span: Span, table: &DeTable<'_>, diagnostics: &mut Diagnostics<'_>) -> RawNetwork {
    let mut fields = Fields::new("[[network]]", table);
    fields.require(&["name", "cidrs"], &span, diagnostics);
    let raw = RawNetwork {
        name: fields.string("name", diagnostics),
        cidrs: fields.strings("cidrs", diagnostics),
    };
    fields.finish(diagnostics);
    raw
}

fn rule(span: Span, table: &DeTable<'_>, diagnostics: &mut Diagnostics<'_>) -> RawRule {
    let mut fields = Fields::new("[[allow]]", table);
    fields.require(&["name", "roles"], &span, diagnostics);
    let raw = RawRule {
        span,
        name: fields.string("name", diagnostics),
        roles: fields.strings("roles", diagnostics),
        repositories: fields.strings("repositories", diagnostics),
        contexts: fields.strings("contexts", diagnostics),
        subjects: fields.strings("subjects", diagnostics),
        caller: fields.string("caller", diagnostics),
        form: fields.string("form", diagnostics),
        max_session: fields.string("max_session", diagnostics),
        audiences: fields.strings("audiences", diagnostics),
        issuers: fields.strings("issuers", diagnostics),
        regions: fields.strings("regions", diagnostics),
        networks: fields.strings("networks", diagnostics),
        hours: fields.string("hours", diagnostics),
        owner: fields.string("owner", diagnostics),
        reason: fields.string("reason", diagnostics),
        expires: fields.date("expires", diagnostics),
    };
    fields.finish(diagnostics);
    raw
}

fn ignore(span: Span, table: &DeTable<'_>, diagnostics: &mut Diagnostics<'_>) -> RawIgnore {
    let mut fields = Fields::new("[[ignore]]", table);
    fields.require(&["check", "reason", "until"], &span, diagnostics);
    let raw = RawIgnore {
        span,
        check: fields.string("check", diagnostics),
        roles: fields.strings("roles", diagnostics),
        repositories: fields.strings("repositories", diagnostics),
        subjects: fields.strings("subjects", diagnostics),
        reason: fields.string("reason", diagnostics),
        until: fields.date("until", diagnostics),
    };
    fields.finish(diagnostics);
    raw
}

fn test(span: Span, table: &DeTable<'_>, diagnostics: &mut Diagnostics<'_>) -> RawTest {
    let mut fields = Fields::new("[[test]]", table);
    fields.require(&["name", "role", "subject", "expect"], &span, diagnostics);
    let raw = RawTest {
        span,
        name: fields.string("name", diagnostics),
        role: fields.string("role", diagnostics),
        subject: fields.string("subject", diagnostics),
        session: fields.string("session", diagnostics),
        expect: fields.one_or_many("expect", diagnostics),
        issuer: fields.string("issuer", diagnostics),
        audience: fields.string("audience", diagnostics),
        region: fields.string("region", diagnostics),
        source_ip: fields.string("source_ip", diagnostics),
        at: fields.moment("at", diagnostics),
    };
    fields.finish(diagnostics);
    raw
}
