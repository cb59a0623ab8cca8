//! A message, drawn by a Chromium without a window.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::block_kit::page;

/// The names that Chromium goes by.
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const WIDTH: u32 = 720;

/// Draws a message into a PNG; false where there is no Chromium.
pub(crate) fn draw(message: &Value, to: &Path) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let html = folder.path().join("message.html");
    std::fs::write(&html, page(message)).unwrap();
    let Some(height) = height(&html, folder.path()) else {
        return false;
    };
    let mut shot = chromium(&name().unwrap(), folder.path(), height);
    shot.arg(format!("--screenshot={}", to.display()))
        .arg(&html);
    let output = shot.output().unwrap();
    assert!(to.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

/// How high the page is, which it says in its title.
fn height(html: &Path, folder: &Path) -> Option<u32> {
    let dump = chromium(&name()?, folder, 100)
        .arg("--dump-dom")
        .arg(html)
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&dump.stdout).into_owned();
    let (_, title) = dom.split_once("<title>").unwrap();
    Some(title.split_once('<').unwrap().0.parse().unwrap())
}

fn name() -> Option<String> {
    let there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    CHROMIUM
        .iter()
        .find(|it| there(it))
        .map(|&it| it.to_owned())
}

fn chromium(name: &str, folder: &Path, height: u32) -> Command {
    let mut command = Command::new(name);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args(["--no-first-run", "--disable-background-networking"])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("--window-size={WIDTH},{height}"));
    command
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
