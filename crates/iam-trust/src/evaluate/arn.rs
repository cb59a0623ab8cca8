//! `ArnLike` and its relatives.

use crate::pattern::{self, Token};

/// Whether an ARN matches, each of its six parts by itself: a wildcard does not cross a ':', save
/// in the last part. A text that is no ARN matches nothing.
pub(super) fn matches(pattern: &[Token], text: &str) -> bool {
    let wanted: Vec<&[Token]> = pattern
        .splitn(6, |token| *token == Token::Char(':'))
        .collect();
    let got: Vec<&str> = text.splitn(6, ':').collect();
    if wanted.len() != 6 || got.len() != 6 {
        return false;
    }
    let mut parts = wanted.iter().zip(got);
    parts.all(|(wanted, got)| pattern::matches(wanted, got))
}
