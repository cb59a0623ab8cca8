//! Tables as lines of text: columns that share what room there is.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::rendering::terminal::escape;
use crate::report::sheet::{Cell, Table};

/// No cell is wider.
const WIDEST_CELL: usize = 80;
/// Between two columns.
const GAP: &str = "  ";

/// The heading and these rows, each a line of at most so many columns of text. Where there is no
/// room the widest cells are cut, and no column is left out.
pub(super) fn aligned(table: &Table, rows: &[Vec<Cell>], room: usize) -> Vec<String> {
    let heading = table.columns.iter().map(|&it| it.to_owned()).collect();
    let cells = |row: &Vec<Cell>| -> Vec<String> {
        let plain = row.iter().map(Cell::plain);
        plain.map(|cell| escape(&cell).into_owned()).collect()
    };
    let lines: Vec<Vec<String>> = std::iter::once(heading)
        .chain(rows.iter().map(cells))
        .collect();
    let gaps = GAP.len() * table.columns.len().saturating_sub(1);
    let widths = shares(&widest(&lines), room.saturating_sub(gaps));
    let is_number =
        |column: usize| column > 0 && table.rows.iter().any(|row| row[column].is_number());
    let line = |line: &Vec<String>| {
        let cells = line.iter().enumerate();
        let padded = cells.map(|(column, cell)| pad(cell, widths[column], is_number(column)));
        padded.collect::<Vec<_>>().join(GAP)
    };
    lines.iter().map(line).collect()
}

/// How wide the cells of each column are at the most.
fn widest(lines: &[Vec<String>]) -> Vec<usize> {
    let mut widths = vec![0; lines.first().map_or(0, Vec::len)];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width());
        }
    }
    widths
}

/// What each column gets: all that it wants, or as much as the others that want more.
fn shares(wanted: &[usize], room: usize) -> Vec<usize> {
    let shared = |most: usize| wanted.iter().map(move |it| (*it).min(most));
    let fits = |most: &usize| shared(*most).sum::<usize>() <= room;
    let most = (1..=WIDEST_CELL).rev().find(fits).unwrap_or(1);
    shared(most).collect()
}

/// The cell in just so many columns, numbers to the right.
fn pad(cell: &str, width: usize, is_number: bool) -> String {
    let cell = cut(cell, width);
    let room = " ".repeat(width.saturating_sub(cell.width()));
    if is_number {
        format!("{room}{cell}")
    } else {
        format!("{cell}{room}")
    }
}

/// The text in at most so many columns, with a mark where more is cut off.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= width
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_give_way() {
        assert_eq!(shares(&[5, 90, 8], 200), [5, 80, 8]);
        assert_eq!(shares(&[5, 70, 8, 60], 60), [5, 23, 8, 23]);
        assert_eq!(shares(&[70, 70], 60), [30, 30]);
        assert_eq!(shares(&[9; 25], 20), [1; 25]);
    }

    #[test]
    fn cells_are_cut_by_their_width() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("漢字漢字", 6), "漢字…");
        assert_eq!(pad("12", 4, true), "  12");
    }
}
