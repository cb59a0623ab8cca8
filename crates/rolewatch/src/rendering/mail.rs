//! An alert as plain mail: 72 columns, no markup. Lines to be copied, indented by four, are left
//! whole, since a break would make something else of them.

use std::fmt::Write as _;

use super::brief::{Brief, Page};
use super::terminal::{escape, fold, wrap};
use crate::alert::Alert;

/// Columns of a line.
const COLUMNS: usize = 72;
/// The column at which values begin.
const LABEL: usize = 10;
/// A message longer than this is cut: it is mail, and the whole is in the JSON.
const LONGEST_MESSAGE: usize = 4000;

/// The text of a mail.
#[must_use]
pub fn mail(alert: &Alert) -> String {
    let brief = Brief::of(alert);
    let mut mail = Mail::default();
    let severity = alert.severity.as_str().to_uppercase();
    mail.prose(&format!("{severity}: {}", brief.headline));
    mail.gap();
    let message: String = brief.message.chars().take(LONGEST_MESSAGE).collect();
    mail.prose(&escape(&message));
    mail.gap();
    if let Some(time) = alert.event.as_ref().map(|event| &event.time) {
        mail.field("when", time);
    }
    for (label, value) in brief.parties.iter().chain(&brief.context) {
        mail.field(&label.to_lowercase(), value);
    }
    mail.field("owner", brief.owner.unwrap_or("nobody named"));
    mail.field("check", &alert.check);
    mail.field("finding", &alert.id);
    to_do(&mut mail, &brief);
    if !brief.links.is_empty() {
        mail.gap();
    }
    for link in &brief.links {
        mail.prose(&format!("{}:", link.label));
        mail.copied(&link.url);
    }
    mail.gap();
    mail.prose("All steps:");
    let (Page::At(page) | Page::Command(page)) = &brief.page;
    mail.copied(page);
    mail.text
}

fn to_do(mail: &mut Mail, brief: &Brief<'_>) {
    if let Some(step) = &brief.first_step {
        mail.gap();
        mail.prose(&format!("Do first: {}", step.text));
        mail.copied(step.command.as_deref().unwrap_or_default());
        mail.prose(step.then.as_deref().unwrap_or_default());
    }
    if brief.nearest.is_some() || brief.suggestion.is_some() {
        mail.gap();
    }
    if let Some(rule) = brief.nearest {
        mail.field("nearest", rule);
    }
    if let Some(suggestion) = brief.suggestion {
        mail.prose("If this is wanted, add to the allowlist:");
        mail.copied(suggestion);
        mail.prose(brief.blast_radius.as_deref().unwrap_or_default());
    }
}

#[derive(Default)]
struct Mail {
    text: String,
}

impl Mail {
    /// Broken between words, and within one that is too long for a line.
    fn prose(&mut self, text: &str) {
        for line in wrap(text, COLUMNS) {
            for part in fold(&line, COLUMNS) {
                self.line(&part);
            }
        }
    }

    /// A value, all of it.
    fn field(&mut self, label: &str, value: &str) {
        let label = format!("{label}:");
        let mut begins = format!("{label:<LABEL$}");
        for part in fold(&escape(value), COLUMNS - LABEL) {
            self.line(&format!("{begins}{part}"));
            begins = " ".repeat(LABEL);
        }
    }

    fn copied(&mut self, text: &str) {
        for line in text.lines() {
            self.line(&format!("    {}", escape(line)));
        }
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn line(&mut self, line: &str) {
        if !line.trim().is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(self.text, "{}", line.trim_end());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::rendering::hostile::{NAMES, alert};
    use crate::rendering::is_unprintable;

    fn assert_plain(mail: &str) {
        for line in mail.lines() {
            assert!(!line.contains(is_unprintable), "{line:?}");
            assert!(
                line.width() <= COLUMNS || line.starts_with("    "),
                "{line}"
            );
        }
    }

    #[test]
    fn hostile_names_stay_names() {
        for name in NAMES {
            assert_plain(&mail(&alert(&name.repeat(300))));
        }
    }

    proptest! {
        #[test]
        fn every_mail_has_72_columns(text in any::<String>(), times in 1usize..200) {
            assert_plain(&mail(&alert(&text.repeat(times))));
        }
    }
}
