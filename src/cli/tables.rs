//! Tables as people hand them over: CSV in UTF-8 or GB 18030, or the first sheet of a workbook, as rows of text.

use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader as _};

/// The most rows that are read of one file.
const MOST_ROWS: usize = 500_000;

/// Every row of a file, the header too, each cell as text. Rows are counted as a person sees them: the first is row 1.
///
/// # Errors
/// A sentence for the operator.
pub fn read(file: &Path) -> Result<Vec<Vec<String>>, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let is_workbook = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0");
    let rows = if is_workbook { workbook(bytes) } else { csv(&bytes) };
    let rows = rows.map_err(|e| format!("{}: {e}", file.display()))?;
    if rows.len() > MOST_ROWS { Err(format!("{}: more than {MOST_ROWS} rows; split the file", file.display())) } else { Ok(rows) }
}

fn csv(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match encoding_rs::GB18030.decode(bytes) {
            (text, _, false) => text.into_owned(),
            _ => return Err("neither UTF-8 nor GB 18030".to_owned()),
        },
    };
    let text = text.trim_start_matches('\u{FEFF}');
    let mut rows = Vec::new();
    for record in csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes()).into_records() {
        rows.push(record.map_err(|e| e.to_string())?.iter().map(ToOwned::to_owned).collect());
    }
    Ok(rows)
}

fn workbook(bytes: Vec<u8>) -> Result<Vec<Vec<String>>, String> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let range = book.worksheet_range_at(0).ok_or("the workbook has no sheet")?.map_err(|e| e.to_string())?;
    let (above, left) = range.start().map_or((0, 0), |(row, column)| (row as usize, column as usize));
    let mut rows: Vec<Vec<String>> = vec![Vec::new(); above];
    rows.extend(range.rows().map(|row| std::iter::repeat_n(String::new(), left).chain(row.iter().map(cell)).collect()));
    Ok(rows)
}

/// A cell as its reader would type it: whole numbers without a point, days as YYYY-MM-DD.
fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) => text.clone(),
        Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_saved_by_an_old_office_is_read_too() {
        let (bytes, ..) = encoding_rs::GB18030.encode("中文名称,型号\n质谱仪,\"8900,B\"\n");
        assert_eq!(csv(&bytes).unwrap(), [vec!["中文名称", "型号"], vec!["质谱仪", "8900,B"]]);
        assert_eq!(csv("\u{FEFF}a,b\n1\n".as_bytes()).unwrap(), [vec!["a", "b"], vec!["1"]]);
    }

    #[test]
    fn cells_of_a_workbook_read_as_typed() {
        assert_eq!((cell(&Data::Float(486.0)), cell(&Data::Float(1.5)), cell(&Data::Empty)), ("486".to_owned(), "1.5".to_owned(), String::new()));
    }
}
