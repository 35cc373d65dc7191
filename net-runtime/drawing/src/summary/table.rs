//! Lines and columns in the look of Keras's tables.
//!
//! No table crate: they draw the vertical lines of all rows with one character, unless it is set cell by cell, while this
//! look has heavy ones in the header alone; and cells wrap between pieces that stay whole. What a crate would take over
//! is less than this file.

use std::fmt;

use unicode_width::UnicodeWidthStr;

/// The pieces of a cell: on one line, with a space between, as far as they fit; a piece is never broken.
pub(super) type Cell = Vec<String>;

/// Where a column's text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A column.
pub(super) struct Column {
    pub title: &'static str,
    pub align: Align,
    /// Width at which cells begin to wrap; only a longer piece makes the column wider.
    pub limit: usize,
}

/// Writes a table, each row with a line below it.
pub(super) fn write(f: &mut fmt::Formatter<'_>, columns: &[Column], rows: &[Vec<Cell>]) -> fmt::Result {
    let wrapped: Vec<Vec<Vec<String>>> = rows
        .iter()
        .map(|row| columns.iter().zip(row).map(|(column, cell)| wrap(cell, column.limit)).collect())
        .collect();
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let lines = wrapped.iter().flat_map(|row| &row[index]);
            lines.map(|line| line.width()).max().unwrap_or(0).max(column.title.width())
        })
        .collect();

    rule(f, &widths, ['┏', '━', '┳', '┓'])?;
    let titles: Vec<Vec<String>> = columns.iter().map(|column| vec![column.title.to_owned()]).collect();
    lines(f, columns, &widths, &titles, '┃')?;
    rule(f, &widths, ['┡', '━', '╇', '┩'])?;
    for (index, row) in wrapped.iter().enumerate() {
        if index > 0 {
            rule(f, &widths, ['├', '─', '┼', '┤'])?;
        }
        lines(f, columns, &widths, row, '│')?;
    }
    rule(f, &widths, ['└', '─', '┴', '┘'])
}

/// The lines of a cell.
fn wrap(cell: &Cell, limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in cell {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + piece.width() <= limit => {
                line.push(' ');
                line.push_str(piece);
            }
            _ => lines.push(piece.clone()),
        }
    }
    lines
}

/// A horizontal line: its left end, its stroke, what it has between columns, its right end.
fn rule(f: &mut fmt::Formatter<'_>, widths: &[usize], [left, stroke, between, right]: [char; 4]) -> fmt::Result {
    for (index, &width) in widths.iter().enumerate() {
        write!(f, "{}", if index == 0 { left } else { between })?;
        for _ in 0..width + 2 {
            write!(f, "{stroke}")?;
        }
    }
    writeln!(f, "{right}")
}

/// The lines of one row.
fn lines(
    f: &mut fmt::Formatter<'_>,
    columns: &[Column],
    widths: &[usize],
    row: &[Vec<String>],
    bar: char,
) -> fmt::Result {
    for line in 0..row.iter().map(Vec::len).max().unwrap_or(0) {
        for ((column, &width), cell) in columns.iter().zip(widths).zip(row) {
            let text = cell.get(line).map_or("", String::as_str);
            // Not the formatter's own padding: it counts characters, and some take two places.
            let padding = " ".repeat(width - text.width());
            match column.align {
                Align::Left => write!(f, "{bar} {text}{padding} ")?,
                Align::Right => write!(f, "{bar} {padding}{text} ")?,
            }
        }
        writeln!(f, "{bar}")?;
    }
    Ok(())
}
