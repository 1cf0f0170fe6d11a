//! `output`: what a command shows, and what it asks.

use super::granted;
use crate::contract::Failure;
use crate::contract::imports::mini_llm_chat::host::output;
use crate::limits::{TABLE_COLUMNS, TABLE_ROWS};
use crate::meter::Data;
use crate::printable;

impl output::Host for Data {
    async fn text(&mut self, text: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        self.meter.output(text.len())?;
        let text = printable::block(&text);
        Ok(run.services.output.text(&self.meta.name, &text).await)
    }

    async fn markdown(&mut self, source: String) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        self.meter.output(source.len())?;
        let source = printable::block(&source);
        Ok(run.services.output.markdown(&self.meta.name, &source).await)
    }

    async fn table(
        &mut self,
        header: Vec<String>,
        rows: Vec<Vec<String>>,
    ) -> wasmtime::Result<Result<(), Failure>> {
        let run = granted!(self.run()?);
        let cells = header.iter().chain(rows.iter().flatten());
        self.meter.output(cells.map(String::len).sum())?;
        let (header, rows) = granted!(rectangle(&header, &rows));
        self.meter.output(padding(&header, &rows))?;
        let output = &run.services.output;
        Ok(output.table(&self.meta.name, &header, &rows).await)
    }

    async fn confirm(&mut self, question: String) -> wasmtime::Result<Result<bool, Failure>> {
        let run = granted!(self.run()?);
        self.meter.output(question.len())?;
        let question = printable::block(&question);
        let asked = run.services.output.confirm(&self.meta.name, &question);
        Ok(run.person.asking(asked).await)
    }
}

/// Bytes that a table takes beyond its cells: each column is as wide as its widest cell.
fn padding(header: &[String], rows: &[Vec<String>]) -> usize {
    let lines = rows.len() + 1;
    let width = |column: usize| {
        let cells = std::iter::once(header).chain(rows.iter().map(Vec::as_slice));
        let lengths = cells.filter_map(|row| row.get(column)).map(String::len);
        lengths.max().unwrap_or(0)
    };
    (0..header.len()).map(|column| width(column) * lines).sum()
}

/// Checks a table's shape, fills short rows, and makes every cell safe to print.
fn rectangle(
    header: &[String],
    rows: &[Vec<String>],
) -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let invalid = |why: String| Err(Failure::Invalid(why));
    let columns = header.len();
    if !(1..=TABLE_COLUMNS).contains(&columns) {
        return invalid(format!(
            "a table has 1 to {TABLE_COLUMNS} columns, not {columns}"
        ));
    }
    if rows.len() > TABLE_ROWS {
        return invalid(format!(
            "a table has at most {TABLE_ROWS} rows, not {}",
            rows.len()
        ));
    }
    if let Some(row) = rows.iter().find(|row| row.len() > columns) {
        return invalid(format!(
            "a row has {} cells for {columns} columns",
            row.len()
        ));
    }
    let safe = |cells: &[String]| {
        let mut cells: Vec<String> = cells
            .iter()
            .map(|cell| printable::inline(cell).into_owned())
            .collect();
        cells.resize(columns, String::new());
        cells
    };
    Ok((safe(header), rows.iter().map(|row| safe(row)).collect()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn cells(count: usize) -> Vec<String> {
        vec!["\u{1b}[2J".to_owned(); count]
    }

    #[test]
    fn short_rows_are_filled_and_cells_are_made_safe() {
        let (_, rows) = rectangle(&cells(2), &[cells(1)]).unwrap();
        assert_eq!(rows[0].len(), 2);
        assert!(!rows[0][0].contains('\u{1b}'));
    }

    #[test]
    fn a_table_of_the_wrong_shape_is_refused() {
        assert!(rectangle(&[], &[]).is_err());
        assert!(rectangle(&cells(TABLE_COLUMNS + 1), &[]).is_err());
        assert!(rectangle(&cells(1), &[cells(2)]).is_err());
        assert!(rectangle(&cells(1), &vec![cells(1); TABLE_ROWS + 1]).is_err());
    }
}
