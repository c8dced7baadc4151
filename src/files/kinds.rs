//! What a file really is, told by its content, and the name under which it is given back.
//!
//! Never believes a name or a media type from outside. The aim is not to prove a document whole, but that nothing which a browser
//! would run (HTML, SVG) or a spreadsheet would execute (macros) is kept and handed on as a document.

use std::fmt::Write as _;

use crate::words;

words! {
    /// The types that are taken (contract.md).
    pub enum FileType {
        /// A PDF document.
        Pdf = "pdf",
        /// A JPEG picture.
        Jpeg = "jpeg",
        /// A PNG picture.
        Png = "png",
        /// A spreadsheet of Office Open XML, without macros.
        Xlsx = "xlsx",
    }
}

impl FileType {
    /// The media type under which a file is served.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Endings of a file name that fit the type, the usual one first.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Xlsx => &["xlsx"],
        }
    }
}

/// How far into a file the header of a PDF may stand (PDF reference, implementation note 13).
const PDF_HEADER_WITHIN_BYTES: usize = 1024;
/// Longest name of a file that is kept, in characters.
const NAME_CHARS: usize = 120;

/// The type of a file by its content, or `None` when it is none that is taken.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<FileType> {
    if infer::image::is_jpeg(bytes) {
        Some(FileType::Jpeg)
    } else if infer::image::is_png(bytes) && bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(FileType::Png)
    } else if infer::archive::is_zip(bytes) {
        is_spreadsheet(bytes).then_some(FileType::Xlsx)
    } else {
        is_pdf(bytes).then_some(FileType::Pdf)
    }
}

fn is_pdf(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(PDF_HEADER_WITHIN_BYTES)];
    let Some(at) = find(head, b"%PDF-") else { return false };
    let versioned = matches!(bytes.get(at + 5..at + 8), Some([major, b'.', minor]) if major.is_ascii_digit() && minor.is_ascii_digit());
    // What stands before the header may be a printer's noise, but no page, script or program; and then the end must be there too.
    let alone = at == 0 || (!head[..at].contains(&b'<') && !bytes.starts_with(b"#!") && !bytes.starts_with(b"MZ") && find(bytes, b"%%EOF").is_some());
    versioned && alone
}

/// Whether the table of contents of a zip archive names the parts of a workbook, and no macros.
fn is_spreadsheet(bytes: &[u8]) -> bool {
    let Some(names) = zip_names(bytes) else { return false };
    let has = |start: &[u8]| names.iter().any(|name| name.starts_with(start));
    has(b"[Content_Types].xml") && has(b"xl/workbook") && !names.iter().any(|name| name.to_ascii_lowercase().ends_with(b"vbaproject.bin"))
}

/// The names in a zip archive, from its central directory (APPNOTE 4.3.12 and 4.3.16); nothing is unpacked.
fn zip_names(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let number = |at: usize, width: usize| Some(bytes.get(at..at + width)?.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)));
    let tail = bytes.len().saturating_sub(22 + 65_535);
    let end = tail + bytes[tail..].windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let (count, mut at) = (number(end + 10, 2)?, number(end + 16, 4)?);
    let mut names = Vec::new();
    for _ in 0..count {
        if bytes.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let (name, extra, comment) = (number(at + 28, 2)?, number(at + 30, 2)?, number(at + 32, 2)?);
        names.push(bytes.get(at + 46..at + 46 + name)?);
        at += 46 + name + extra + comment;
    }
    Some(names)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The name under which a file is kept: the last part of what the uploader called it, without control characters and path separators,
/// short, and with an ending that fits what it is.
#[must_use]
pub fn safe_name(name: &str, kind: FileType) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks that turn the direction of writing can make `gpj.exe` out of `exe.jpg`.
    let hidden = |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    let clean: String = last.chars().filter(|c| !c.is_control() && !hidden(*c) && !"<>:\"|?*".contains(*c)).collect();
    let clean = clean.trim_matches([' ', '.']);
    let ending = clean.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let fits = ending.is_some_and(|ending| kind.endings().contains(&ending.as_str()));
    let (stem, ending) = if fits { clean.rsplit_once('.').unwrap_or((clean, "")) } else { (clean, kind.endings()[0]) };
    let stem: String = stem.chars().take(NAME_CHARS - ending.len() - 1).collect();
    format!("{}.{ending}", if stem.is_empty() { "file" } else { &stem })
}

/// The value of `Content-Disposition` for a download: an ASCII name for old programs, and the whole one (RFC 6266, RFC 8187).
#[must_use]
pub fn disposition(name: &str) -> String {
    let ascii = |c: char| if c.is_ascii_alphanumeric() || " ._-()".contains(c) { c } else { '_' };
    let plain: String = name.chars().map(ascii).collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A zip archive of empty members.
    fn zip(names: &[&str]) -> Vec<u8> {
        let (mut out, mut table) = (Vec::new(), Vec::new());
        let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
        for name in names {
            let at = u32::try_from(out.len()).unwrap();
            out.extend([b"PK\x03\x04".as_slice(), &[0; 22], &short(name.len()), &[0; 2], name.as_bytes()].concat());
            table.extend([b"PK\x01\x02".as_slice(), &[0; 24], &short(name.len()), &[0; 12], &at.to_le_bytes(), name.as_bytes()].concat());
        }
        let (start, length) = (u32::try_from(out.len()).unwrap(), u32::try_from(table.len()).unwrap());
        let end = [b"PK\x05\x06".as_slice(), &[0; 4], &short(names.len()), &short(names.len()), &length.to_le_bytes(), &start.to_le_bytes(), &[0; 2]].concat();
        [out, table, end].concat()
    }

    #[test]
    fn the_four_types_are_told_by_their_content() {
        let book = zip(&["docProps/app.xml", "[Content_Types].xml", "xl/workbook.xml"]);
        let cases: [(&[u8], FileType); 6] = [
            (b"%PDF-1.7\n1 0 obj", FileType::Pdf),
            (b"\x1b%-12345X@PJL\n%PDF-1.4\n%%EOF", FileType::Pdf),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", FileType::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", FileType::Png),
            (b"\x89PNG\r\n\x1a\n<svg onload=x>", FileType::Png),
            (&book, FileType::Xlsx),
        ];
        for (bytes, kind) in cases {
            assert_eq!(detect(bytes), Some(kind), "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_a_browser_or_an_office_would_run_is_refused() {
        let archives =
            [zip(&["[Content_Types].xml", "word/document.xml"]), zip(&["[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"]), zip(&["evil.exe"])];
        let others: [&[u8]; 8] = [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<html><!--%PDF-1.4\n%%EOF--><script>",
            b"MZ\x90%PDF-1.4 %%EOF",
            b"GIF89a",
            b"PK\x03\x04",
            b"%PDF-x.y",
            b"a,b,c\n1,2,3\n",
        ];
        for bytes in archives.iter().map(Vec::as_slice).chain(others) {
            assert_eq!(detect(bytes), None, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_name_from_outside_becomes_a_harmless_one() {
        assert_eq!(safe_name("../../合同 2026.PDF", FileType::Pdf), "合同 2026.PDF");
        assert_eq!(safe_name("C:\\temp\\photo.exe", FileType::Jpeg), "photo.exe.jpg");
        assert_eq!(safe_name("", FileType::Png), "file.png");
        assert_eq!(safe_name("..", FileType::Xlsx), "file.xlsx");
        assert_eq!(safe_name("a\r\nb\u{202e}gpj.jpeg", FileType::Jpeg), "abgpj.jpeg");
        assert_eq!(safe_name(&"长".repeat(500), FileType::Pdf).chars().count(), NAME_CHARS);
    }

    #[test]
    fn a_download_keeps_its_chinese_name() {
        assert_eq!(disposition("合同 \"1\".pdf"), "attachment; filename=\"__ _1_.pdf\"; filename*=UTF-8''%E5%90%88%E5%90%8C%20%221%22.pdf");
    }

    proptest! {
        #[test]
        fn no_content_and_no_name_makes_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0_usize..5, name in any::<String>()) {
            let starts: [&[u8]; 5] = [b"", b"PK\x03\x04", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff"];
            bytes.splice(0..0, starts[start].iter().copied());
            bytes.extend_from_slice(b"PK\x05\x06");
            bytes.extend_from_slice(name.as_bytes());
            let _ = detect(&bytes);
            let kept = safe_name(&name, FileType::Pdf);
            prop_assert!(!kept.contains(['/', '\\', '\n', '"']) && disposition(&kept).is_ascii());
        }
    }
}
