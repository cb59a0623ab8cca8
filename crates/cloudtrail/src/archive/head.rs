//! The head of a record, as CloudTrail writes it.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into `dispatch!` is built for each kind of processor"
)]

use fearless_simd::Simd;

use super::block::plain_text_end;
use crate::record::ASSUME_ROLE_WITH_WEB_IDENTITY;

/// Where the caller's identity goes on behind its brace, if the record that `bytes` begin with has
/// nothing before it but its version.
#[inline(always)]
pub(super) fn identity(bytes: &[u8]) -> Option<usize> {
    // All versions but those of 2013 have as many letters.
    const VERSION: usize = "1.08".len();
    const LENGTH: usize = "{'eventVersion':'1.08','userIdentity':{".len();
    let head: &[u8; LENGTH] = bytes.first_chunk()?;
    let rest = head.strip_prefix(b"{\"eventVersion\":\"")?;
    let (version, rest) = rest.split_first_chunk::<VERSION>()?;
    let plain = version.iter().all(|byte| !matches!(byte, b'"' | b'\\'));
    (plain && rest == b"\",\"userIdentity\":{").then_some(LENGTH)
}

/// Whether a record goes on behind its caller's identity as CloudTrail writes it, up to a name
/// that is not the one looked for, in the letters that it has; and where that name ends. So it has
/// the fields of a record, and need not be read to be counted. Of a duplicate name the first
/// counts, and these are the first: there is nothing before them but version and identity.
#[inline(always)]
pub(super) fn other_call<S: Simd>(simd: S, bytes: &[u8], at: usize) -> Option<usize> {
    const TIME: usize = "2026-11-20T10:15:00Z".len();
    let time = behind(bytes, at, b",\"eventTime\":\"")?;
    let time_end = plain_text_end(simd, bytes, time)?;
    let source = behind(bytes, time_end, b"\",\"eventSource\":\"")?;
    let source_end = plain_text_end(simd, bytes, source)?;
    let name = behind(bytes, source_end, b"\",\"eventName\":\"")?;
    let name_end = plain_text_end(simd, bytes, name)?;
    // Sources such as `aws:s3` are of other kinds of event.
    let another = bytes[name..name_end] != *ASSUME_ROLE_WITH_WEB_IDENTITY.as_bytes()
        && !bytes[source..].starts_with(b"aws:");
    (another && time_end == time + TIME).then_some(name_end)
}

/// The index behind a token that is at `at`.
#[inline(always)]
fn behind<const LENGTH: usize>(bytes: &[u8], at: usize, token: &[u8; LENGTH]) -> Option<usize> {
    (bytes.get(at..at + LENGTH)? == token).then_some(at + LENGTH)
}
