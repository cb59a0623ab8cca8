//! Pictures, drawn for the purpose as inline SVG: 360 units wide, so that their letters can be
//! read on a phone.

mod days;
mod hours;
mod matrix;
mod sessions;

use crate::report::model::Report;
use crate::report::sheet::Chart;

/// The picture; none where there is nothing to draw.
pub(super) fn picture(chart: Chart, report: &Report) -> Option<String> {
    match chart {
        Chart::Days => days::draw(report),
        Chart::Hours => hours::draw(report),
        Chart::Sessions => sessions::draw(report),
        Chart::Matrix => matrix::draw(report),
    }
}

/// A number as a coordinate; what is drawn is far below what a float can hold.
#[expect(
    clippy::cast_precision_loss,
    reason = "a picture has a thousand points at most"
)]
fn float(number: u64) -> f64 {
    number as f64
}

/// A coordinate, to a tenth.
fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// How wide a text is, at the most, in a picture's letters; of any of the fonts that are asked for.
fn width(text: &str) -> f64 {
    text.chars().map(letter).sum()
}

fn letter(c: char) -> f64 {
    match c {
        'f' | 'i' | 'j' | 'l' | 'r' | 't' | 'I' | '.' | ',' | ':' | '-' | '/' => 4.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 10.8,
        'A'..='Z' => 8.4,
        c if c.is_ascii() => 6.9,
        _ => 11.0,
    }
}

/// The end of a name that has so much room: what tells names apart stands there.
fn tail(name: &str, room: f64) -> String {
    if width(name) <= room {
        return name.to_owned();
    }
    let mut kept: Vec<char> = Vec::new();
    let mut used = letter('…');
    for c in name.chars().rev() {
        used += letter(c);
        if used > room {
            break;
        }
        kept.push(c);
    }
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// A shade from 0, for nothing, to 5, for the most.
fn shade(count: u64, most: u64) -> u64 {
    match count {
        0 => 0,
        _ => (count.saturating_mul(5)).div_ceil(most.max(1)).clamp(1, 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_end() {
        assert_eq!(tail("my-org/my-repo", 200.0), "my-org/my-repo");
        assert_eq!(tail("my-org/my-repo", 60.0), "…my-repo");
        assert_eq!(tail("日本日本", 35.0), "…日本");
    }

    #[test]
    fn anything_has_a_shade() {
        assert_eq!([shade(0, 9), shade(1, 1000), shade(1000, 1000)], [0, 1, 5]);
    }
}
