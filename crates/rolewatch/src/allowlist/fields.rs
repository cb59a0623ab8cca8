//! Takes the fields of one TOML table: typed, with their places, every problem noted.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Diagnostics;
use super::raw::At;

/// The fields of one table. Whatever was not asked for by the time of [`Fields::finish`] is
/// unknown, and an error. A field of a wrong type counts as there: its problem is said once.
pub(super) struct Fields<'a, 'i> {
    /// How messages name the table, such as `[[allow]]`.
    table_name: &'static str,
    table: &'a DeTable<'i>,
    known: Vec<&'static str>,
}

impl<'a, 'i> Fields<'a, 'i> {
    pub(super) fn new(table_name: &'static str, table: &'a DeTable<'i>) -> Self {
        Self {
            table_name,
            table,
            known: Vec::new(),
        }
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.known.push(key);
        self.table
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)
            .map(|(_, value)| value)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _)| name.get_ref() == key)
    }

    /// Reports those of the keys that the table, which stands at `span`, does not have.
    pub(super) fn require(
        &self,
        keys: &[&str],
        span: &Range<usize>,
        diagnostics: &mut Diagnostics<'_>,
    ) {
        for key in keys {
            if !self.has(key) {
                diagnostics.error(
                    span.clone(),
                    format!("{} needs a valid `{key}`", self.table_name),
                    format!("add `{key}`; see `rolewatch allowlist schema`"),
                );
            }
        }
    }

    pub(super) fn string(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics<'_>,
    ) -> Option<At<String>> {
        string(key, self.get(key)?, diagnostics)
    }

    /// A list of strings, those that are none left out; a lone string is reported and taken for
    /// a list of one, so that what is wrong within it is found as well.
    pub(super) fn strings(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics<'_>,
    ) -> Option<Vec<At<String>>> {
        let value = self.get(key)?;
        let items = match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            DeValue::String(_) => vec![value],
            _ => Vec::new(),
        };
        if !value.get_ref().is_array() {
            wrong_type(key, "a list of strings", value, diagnostics);
        } else if items.is_empty() {
            diagnostics.error(
                value.span(),
                format!("`{key}` is empty"),
                "list at least one value, or leave the key out where it is optional",
            );
        }
        Some(
            items
                .into_iter()
                .filter_map(|item| string(key, item, diagnostics))
                .collect(),
        )
    }

    /// A string or a list of strings.
    pub(super) fn one_or_many(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics<'_>,
    ) -> Option<Vec<At<String>>> {
        let is_string = self
            .table
            .iter()
            .any(|(name, value)| name.get_ref().as_ref() == key && value.get_ref().is_str());
        if is_string {
            self.string(key, diagnostics).map(|one| vec![one])
        } else {
            self.strings(key, diagnostics)
        }
    }

    pub(super) fn integer(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics<'_>,
    ) -> Option<At<i64>> {
        let value = self.get(key)?;
        let parsed = value
            .get_ref()
            .as_integer()
            .and_then(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).ok());
        if parsed.is_none() {
            wrong_type(key, "a whole number", value, diagnostics);
        }
        Some(At {
            value: parsed?,
            span: value.span(),
        })
    }

    pub(super) fn date(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics<'_>,
    ) -> Option<At<NaiveDate>> {
        let value = self.get(key)?;
        let date = value
            .get_ref()
            .as_datetime()
            .filter(|datetime| datetime.time.is_none() && datetime.offset.is_none())
            .and_then(|datetime| naive_date(datetime.date?));
        if date.is_none() {
            wrong_type(
                key,
                "a date without quotes, such as 2027-03-01",
                value,
                diagnostics,
            );
        }
        Some(At {
            value: date?,
            span: value.span(),
        })
    }

    /// A moment: an offset date-time, or one without an offset, which is taken as UTC.
    pub(super) fn moment(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics<'_>,
    ) -> Option<At<DateTime<Utc>>> {
        let value = self.get(key)?;
        let moment = value.get_ref().as_datetime().copied().and_then(moment);
        if moment.is_none() {
            let wanted = "a date and time without quotes, such as 2026-11-20T10:15:00Z";
            wrong_type(key, wanted, value, diagnostics);
        }
        Some(At {
            value: moment?,
            span: value.span(),
        })
    }

    /// The table under `key`, with its place.
    pub(super) fn table(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics<'_>,
    ) -> Option<&'a DeTable<'i>> {
        let value = self.get(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            wrong_type(
                key,
                &format!("a table, written as [{key}]"),
                value,
                diagnostics,
            );
        }
        table
    }

    /// The tables of `[[key]]`, each with its place; `[key]` is reported and taken for one.
    pub(super) fn tables(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics<'_>,
    ) -> Vec<(Range<usize>, &'a DeTable<'i>)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let wanted = format!("a list of tables, written as [[{key}]]");
        let items: Vec<_> = match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => vec![value],
        };
        let is_list = value.get_ref().is_array();
        let mut tables = Vec::with_capacity(items.len());
        for item in items {
            let table = item.get_ref().as_table();
            if !is_list || table.is_none() {
                wrong_type(key, &wanted, item, diagnostics);
            }
            tables.extend(table.map(|table| (item.span(), table)));
        }
        tables
    }

    /// Reports the keys that nobody asked for. Returns the keys that are known, for the test
    /// that holds reader and schema together.
    pub(super) fn finish(self, diagnostics: &mut Diagnostics<'_>) -> Vec<&'static str> {
        for (name, _) in self.table {
            let key = name.get_ref().as_ref();
            if self.known.contains(&key) {
                continue;
            }
            let help = match closest(key, &self.known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("{} knows: {}", self.table_name, self.known.join(", ")),
            };
            diagnostics.error(
                name.span(),
                format!("unknown key `{key}` in {}", self.table_name),
                help,
            );
        }
        self.known
    }
}

fn string(
    key: &str,
    value: &Spanned<DeValue<'_>>,
    diagnostics: &mut Diagnostics<'_>,
) -> Option<At<String>> {
    let Some(text) = value.get_ref().as_str() else {
        wrong_type(key, "a string", value, diagnostics);
        return None;
    };
    if text.trim().is_empty() {
        diagnostics.error(
            value.span(),
            format!("`{key}` holds an empty string"),
            "write a value, or leave it out",
        );
        return None;
    }
    Some(At {
        value: text.to_owned(),
        span: value.span(),
    })
}

fn wrong_type(
    key: &str,
    wanted: &str,
    value: &Spanned<DeValue<'_>>,
    diagnostics: &mut Diagnostics<'_>,
) {
    let found = match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time of another kind",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    diagnostics.error(
        value.span(),
        format!("`{key}` has the wrong type: {found}"),
        format!("write {wanted}"),
    );
}

fn naive_date(date: toml::value::Date) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
}

fn moment(datetime: toml::value::Datetime) -> Option<DateTime<Utc>> {
    let time = datetime.time?;
    let naive = naive_date(datetime.date?)?.and_time(NaiveTime::from_hms_opt(
        time.hour.into(),
        time.minute.into(),
        time.second.unwrap_or(0).into(),
    )?);
    let offset_minutes = match datetime.offset {
        Some(toml::value::Offset::Custom { minutes }) => i64::from(minutes),
        _ => 0,
    };
    Some(naive.and_utc() - chrono::TimeDelta::minutes(offset_minutes))
}

/// The known word that is at most two edits away.
pub(super) fn closest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    known
        .iter()
        .map(|candidate| (edits(word, candidate), *candidate))
        .filter(|(edits, candidate)| *edits <= 2 && *edits < candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a_char) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b_char) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(a_char != *b_char);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_guessed() {
        let known = ["repositories", "roles", "contexts", "form"];
        assert_eq!(closest("repositorys", &known), Some("repositories"));
        assert_eq!(closest("repositorie", &known), Some("repositories"));
        assert_eq!(closest("role", &known), Some("roles"));
        assert_eq!(closest("zzzz", &known), None);
    }

    #[test]
    fn offsets_are_taken_off() {
        let at = |text: &str| moment(text.parse().unwrap()).map(|moment| moment.to_rfc3339());
        assert_eq!(
            at("2026-11-20T10:15:00+02:00").unwrap(),
            "2026-11-20T08:15:00+00:00"
        );
        assert_eq!(
            at("2026-11-20T10:15:00").unwrap(),
            "2026-11-20T10:15:00+00:00"
        );
        assert_eq!(at("2026-11-20"), None);
    }
}
