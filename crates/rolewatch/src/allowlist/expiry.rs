//! Rules and silences that have ended, or end within a week: said while there is time.

use chrono::{Days, NaiveDate};

use super::Allowlist;
use super::diagnostic::{Diagnostic, Diagnostics};

/// How long ahead an end is warned of.
const AHEAD: Days = Days::new(7);

/// Warnings, in file order, about what ends. `text` is what the allowlist was compiled from.
#[must_use]
pub fn expiry_warnings(allowlist: &Allowlist, text: &str, today: NaiveDate) -> Vec<Diagnostic> {
    let mut diagnostics = Diagnostics::new(text);
    let soon = today.checked_add_days(AHEAD).unwrap_or(NaiveDate::MAX);
    for rule in &allowlist.rules {
        let Some(last) = rule.expires.filter(|last| *last <= soon) else {
            continue;
        };
        let message = format!("rule `{}` {}", rule.name, ends(last, today));
        diagnostics.warning(
            rule.expires_span.clone(),
            message,
            "extend it, or remove it when it is no longer used",
        );
    }
    for ignore in allowlist
        .ignores
        .iter()
        .filter(|ignore| ignore.until <= soon)
    {
        let message = format!(
            "the silence of `{}` {}",
            ignore.check,
            ends(ignore.until, today)
        );
        diagnostics.warning(
            ignore.until_span.clone(),
            message,
            "settle its reason, or set a later day",
        );
    }
    diagnostics.finish()
}

fn ends(last: NaiveDate, today: NaiveDate) -> String {
    if last < today {
        format!("ended after {last}")
    } else {
        format!("ends after {last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allowlist::compile;

    #[test]
    fn an_end_is_warned_of_a_week_ahead() {
        let text = "version = 1\n[[allow]]\nname = 'a'\nroles = ['arn:aws:iam::123456789012:role/a']\n\
                    repositories = ['o/r']\ncontexts = ['any']\nexpires = 2026-11-20\n";
        let (allowlist, _) = compile(text).unwrap();
        let messages = |today: &str| -> Vec<String> {
            let warnings = expiry_warnings(&allowlist, text, today.parse().unwrap());
            warnings
                .into_iter()
                .map(|it| format!("{}: {}", it.line, it.message))
                .collect()
        };
        assert_eq!(messages("2026-11-12"), Vec::<String>::new());
        assert_eq!(
            messages("2026-11-13"),
            ["7: rule `a` ends after 2026-11-20"]
        );
        assert_eq!(
            messages("2026-11-20"),
            ["7: rule `a` ends after 2026-11-20"]
        );
        assert_eq!(
            messages("2026-11-21"),
            ["7: rule `a` ended after 2026-11-20"]
        );
    }
}
