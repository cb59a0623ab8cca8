//! html
use crate::report::model::Report;
use crate::report::sheet::Sheet;
#[must_use]
pub fn render(_report: &Report, _sheet: &Sheet) -> String {
    String::new()
}
