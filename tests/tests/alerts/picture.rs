//! The pictures of the alerts, drawn by `tests/browser/run` from pages that are written here.

use std::path::Path;

use serde_json::Value;

use crate::block_kit::page;

const WIDTH: u32 = 720;

/// Writes a message as a page, for a browser to draw.
pub(crate) fn write(message: &Value, to: &Path) {
    std::fs::write(to, page(message)).unwrap();
}

/// A PNG of the right width that is not blank.
pub(crate) fn assert_picture(path: &Path) {
    let bytes = std::fs::read(path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    assert!(
        bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "{}",
        path.display()
    );
    let width = u32::from_be_bytes(bytes[16..20].try_into().unwrap());
    let height = u32::from_be_bytes(bytes[20..24].try_into().unwrap());
    assert!(width == WIDTH && height > 100, "{width} x {height}");
    // A blank page of this size packs into far less.
    assert!(bytes.len() > 8000, "{} is blank", path.display());
}
