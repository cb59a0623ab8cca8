//! Block Kit as HTML, as far as our messages go: plain text, bold, code, links and dates.

use std::fmt::Write as _;

use serde_json::Value;

const STYLE: &str = "
body { margin: 0; padding: 16px 20px; width: 680px; background: #fff; color: #1d1c1d;
  font: 15px/1.46 Lato, 'Noto Sans', 'DejaVu Sans', sans-serif; }
header { font-weight: 700; font-size: 18px; margin-bottom: 8px; }
section { margin: 8px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; }
.context { color: #616061; font-size: 12px; margin: 8px 0; overflow-wrap: anywhere; }
.context span { margin-right: 10px; }
code { font: 12px 'DejaVu Sans Mono', monospace; color: #c01343; background: #f8f8f8;
  border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px; }
pre { font: 12px/1.5 'DejaVu Sans Mono', monospace; background: #f8f8f8; border: 1px solid #ddd;
  border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
a { color: #1264a3; text-decoration: none; }
.sign { display: inline-block; width: 14px; height: 14px; border-radius: 7px; vertical-align: -1px; }
";

/// The signs that begin a headline: drawn, for a machine without a font that has them.
const SIGNS: [(char, &str); 5] = [
    ('🛑', "#b00020"),
    ('🔴', "#dd2e44"),
    ('🟠', "#f4900c"),
    ('🔵', "#55acee"),
    ('⚪', "#ccd6dd"),
];

/// A page that shows the message.
pub(crate) fn page(message: &Value) -> String {
    let mut html = format!("<!doctype html><meta charset=utf-8><style>{STYLE}</style>");
    for block in message["blocks"].as_array().unwrap() {
        let drawn = match block["type"].as_str().unwrap() {
            "header" => format!("<header>{}</header>", text(&block["text"])),
            "section" if block.get("fields").is_some() => {
                format!(
                    "<section class=fields>{}</section>",
                    all(&block["fields"], "div")
                )
            }
            "section" => format!("<section>{}</section>", text(&block["text"])),
            "context" => format!(
                "<div class=context>{}</div>",
                all(&block["elements"], "span")
            ),
            other => panic!("no way to draw {other}"),
        };
        html += &drawn;
    }
    html + "<script>document.title = document.documentElement.scrollHeight</script>"
}

fn all(texts: &Value, tag: &str) -> String {
    let mut html = String::new();
    for one in texts.as_array().unwrap() {
        write!(html, "<{tag}>{}</{tag}>", text(one)).unwrap();
    }
    html
}

fn text(object: &Value) -> String {
    let text = object["text"].as_str().unwrap();
    if object["type"] == "plain_text" {
        return with_sign(&escape(text));
    }
    blocks_of_code(text)
}

fn with_sign(text: &str) -> String {
    let sign = SIGNS.iter().find(|(sign, _)| text.starts_with(*sign));
    sign.map_or_else(
        || text.to_owned(),
        |(sign, colour)| {
            let rest = &text[sign.len_utf8()..];
            format!("<i class=sign style='background:{colour}'></i>{rest}")
        },
    )
}

/// Every other part between three backticks is a block of code.
fn blocks_of_code(text: &str) -> String {
    let parts = text.split("```").enumerate();
    parts
        .map(|(index, part)| match index % 2 {
            0 => code(part.trim_matches('\n')),
            _ => format!("<pre>{part}</pre>"),
        })
        .collect()
}

fn code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(index, part)| match index % 2 {
            0 => marks(part),
            _ => format!("<code>{part}</code>"),
        })
        .collect()
}

/// Bold, links and dates. Slack's own escapes are HTML's.
fn marks(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        let (markup, after) = behind.split_once('>').unwrap();
        let (target, label) = markup.split_once('|').unwrap();
        html += &bold(before);
        html += &match target.strip_prefix("!date^") {
            Some(_) => label.to_owned(),
            None => format!("<a href=\"{target}\">{label}</a>"),
        };
        rest = after;
    }
    html + &bold(rest)
}

fn bold(text: &str) -> String {
    let parts: Vec<&str> = text.split('*').collect();
    match parts.as_slice() {
        [before, bold, rest @ ..] if !rest.is_empty() => {
            format!("{before}<b>{bold}</b>{}", rest.join("*"))
        }
        _ => text.to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
