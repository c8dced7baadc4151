//! The papers of a claim as small files that are what they say: a PDF of one page, a PNG of a stamped slip.

use std::fmt::Write as _;

/// A PDF of one page with lines of Chinese and Latin text, in a font that every reader has or replaces.
#[must_use]
pub fn pdf(title: &str, lines: &[String]) -> Vec<u8> {
    let mut page = String::from("BT /F1 20 Tf 60 770 Td ");
    let _ = write!(page, "<{}> Tj /F1 11 Tf 0 -40 Td 22 TL ", utf16(title));
    for line in lines {
        let _ = write!(page, "<{}> Tj T* ", utf16(line));
    }
    page.push_str("ET 0.6 w 60 755 m 535 755 l S");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>".to_owned(),
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 /FontDescriptor 7 0 R >>".to_owned(),
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let table = out.len();
    let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(out, "{place:010} 00000 n ");
    }
    let _ = write!(out, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    out.into_bytes()
}

fn utf16(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut out, unit| {
        let _ = write!(out, "{unit:04X}");
        out
    })
}

/// A PNG in greys: a slip of paper with ruled lines, different for each seed.
#[must_use]
pub fn png(seed: u32) -> Vec<u8> {
    const WIDE: u32 = 240;
    const HIGH: u32 = 160;
    let mut rows = Vec::new();
    for y in 0..HIGH {
        rows.push(0);
        for x in 0..WIDE {
            let edge = x < 3 || y < 3 || x >= WIDE - 3 || y >= HIGH - 3;
            let ruled = y % 24 == 20 && x > 16 && x < WIDE - 16 - (seed.wrapping_mul(y + 7) % 60);
            rows.push(if edge { 90 } else { u8::from(!ruled) * 140 + 110 });
        }
    }
    let mut out = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10];
    let mut head = Vec::new();
    head.extend(WIDE.to_be_bytes());
    head.extend(HIGH.to_be_bytes());
    head.extend([8, 0, 0, 0, 0]);
    chunk(&mut out, *b"IHDR", &head);
    chunk(&mut out, *b"IDAT", &stored(&rows));
    chunk(&mut out, *b"IEND", &[]);
    out
}

/// A zlib stream of blocks that are stored as they are.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend((b << 16 | a).to_be_bytes());
    out
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], body: &[u8]) {
    out.extend(u32::try_from(body.len()).unwrap_or(0).to_be_bytes());
    let from = out.len();
    out.extend(kind);
    out.extend(body);
    let sum = out[from..].iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xedb8_8320 & (sum & 1).wrapping_neg())));
    out.extend((!sum).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_are_what_they_say() {
        let page = pdf("结果报告", &["样品 4 个".to_owned()]);
        assert_eq!(infer::get(&page).map(|kind| kind.mime_type()), Some("application/pdf"));
        let slip = png(7);
        assert_eq!(infer::get(&slip).map(|kind| kind.mime_type()), Some("image/png"));
        assert_ne!(slip, png(8));
        // IEND with its well-known sum: the sums are right.
        assert!(slip.ends_with(&[0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]));
    }
}
