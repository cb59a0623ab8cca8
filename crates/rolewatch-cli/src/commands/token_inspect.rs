//! `rolewatch token inspect`: what a token says. Nothing of it is proven.

use std::io::Write;

use chrono::Utc;
use github_oidc::token::{ClaimSet, inspect};
use rolewatch::rendering::json::write_line;
use serde::Serialize;

use crate::args::{Format, TokenInspectArgs};
use crate::lines::Lines;
use crate::output::{Exit, colour, stdout};
use crate::secret;
use crate::token_text::{headline, rest};

#[derive(Serialize)]
struct TokenLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    verified: bool,
    header: &'a ClaimSet,
    claims: &'a ClaimSet,
}

pub(crate) fn run(args: &TokenInspectArgs) -> anyhow::Result<Exit> {
    let token = secret::token(&args.token)?;
    let inspection = inspect(&token)?;
    let mut out = stdout();
    match args.format {
        Format::Json => {
            let line = TokenLine {
                r#type: "token",
                schema: "rolewatch.token/1",
                verified: false,
                header: &inspection.header,
                claims: &inspection.claims,
            };
            write_line(&mut out, &line)?;
            writeln!(out)?;
        }
        Format::Text => {
            let mut text = Lines::new(colour());
            text.painted(
                "1;33",
                "UNVERIFIED: anybody can write this; `rolewatch token verify` asks who signed it",
            );
            let header = &inspection.header;
            let said = |name| header.text(name).unwrap_or("nothing");
            headline(&mut text, &inspection.claims, Utc::now());
            text.field(
                "signed by",
                &format!("key {}, {}", said("kid"), said("alg")),
            );
            rest(&mut text, &inspection.claims);
            write!(out, "{}", text.as_str())?;
        }
    }
    out.flush()?;
    Ok(Exit::Clean)
}
