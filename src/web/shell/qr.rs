//! QR codes (ISO/IEC 18004): byte mode, correction level M, versions 1 to 16, drawn as one SVG path. For addresses that a phone reads.

use std::fmt::Write as _;

use super::html::Html;

/// Correction codewords of a block and number of blocks at level M, by version.
const BLOCKS: [(usize, usize); 16] =
    [(10, 1), (16, 1), (26, 1), (18, 2), (24, 2), (16, 4), (18, 4), (22, 4), (22, 5), (26, 5), (30, 5), (22, 8), (22, 9), (24, 9), (24, 10), (28, 10)];

/// The code of a text as a picture with its quiet zone; nothing where the text is longer than 450 bytes. Black on white in every theme:
/// readers want it so. What it says must stand beside it in words.
#[must_use]
pub fn draw(text: &str) -> Html {
    let Some(grid) = Grid::of(text.as_bytes()) else { return Html::default() };
    let mut path = String::new();
    for (y, row) in grid.dark.chunks(grid.size).enumerate() {
        let mut x = 4;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&true) {
                let _ = write!(path, "M{x},{}h{run}v1h-{run}z", y + 4, run = run.len());
            }
            x += run.len();
        }
    }
    let side = grid.size + 8;
    Html(format!(
        "<svg width=\"208\" height=\"208\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" aria-hidden=\"true\"><path fill=\"#fff\" d=\"M0,0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// What a reader takes for a corner, with its margin.
const CORNER: [bool; 11] = [true, false, true, true, true, false, true, false, false, false, false];

/// The modules of a code; `fixed` are those that carry no data.
struct Grid {
    version: usize,
    size: usize,
    dark: Vec<bool>,
    fixed: Vec<bool>,
}

fn raw_codewords(version: usize) -> usize {
    let mut modules = (16 * version + 128) * version + 64;
    if version >= 2 {
        let marks = version / 7 + 2;
        modules -= (25 * marks - 10) * marks - 55;
    }
    if version >= 7 {
        modules -= 36;
    }
    modules / 8
}

fn data_codewords(version: usize) -> usize {
    let (correction, blocks) = BLOCKS[version - 1];
    raw_codewords(version) - correction * blocks
}

/// A byte of the generator's field, times another (x^8 + x^4 + x^3 + x^2 + 1).
fn multiply(a: u8, b: u8) -> u8 {
    let mut product = 0_u16;
    for bit in (0..8).rev() {
        product = (product << 1) ^ ((product >> 7) * 0x11D);
        product ^= u16::from((b >> bit) & 1) * u16::from(a);
    }
    product.to_le_bytes()[0]
}

fn correction(data: &[u8], length: usize) -> Vec<u8> {
    let mut divisor = vec![0_u8; length];
    divisor[length - 1] = 1;
    let mut root = 1_u8;
    for _ in 0..length {
        for at in 0..length {
            divisor[at] = multiply(divisor[at], root);
            if at + 1 < length {
                divisor[at] ^= divisor[at + 1];
            }
        }
        root = multiply(root, 2);
    }
    let mut rest = vec![0_u8; length];
    for byte in data {
        let factor = byte ^ rest.remove(0);
        rest.push(0);
        for (at, value) in rest.iter_mut().enumerate() {
            *value ^= multiply(divisor[at], factor);
        }
    }
    rest
}

/// Mode, length, text and padding, split into blocks with their correction, interleaved.
fn codewords(text: &[u8], version: usize) -> Vec<u8> {
    let capacity = data_codewords(version);
    let mut bits: Vec<bool> = Vec::with_capacity(capacity * 8);
    let mut push = |value: usize, count: usize| bits.extend((0..count).rev().map(|bit| (value >> bit) & 1 == 1));
    push(4, 4);
    push(text.len(), if version < 10 { 8 } else { 16 });
    for byte in text {
        push(usize::from(*byte), 8);
    }
    let end = (bits.len() + 4).min(capacity * 8).next_multiple_of(8);
    bits.resize(end, false);
    let mut data: Vec<u8> = bits.chunks(8).map(|byte| byte.iter().fold(0, |value, bit| (value << 1) | u8::from(*bit))).collect();
    for pad in [0xEC, 0x11].into_iter().cycle().take(capacity - data.len()) {
        data.push(pad);
    }
    let (length, blocks) = BLOCKS[version - 1];
    let (short, longer) = (capacity / blocks, capacity % blocks);
    let mut parts = Vec::with_capacity(blocks);
    let mut rest = data.as_slice();
    for block in 0..blocks {
        let (part, left) = rest.split_at(short + usize::from(block >= blocks - longer));
        parts.push((part, correction(part, length)));
        rest = left;
    }
    let columns = (0..=short).flat_map(|at| parts.iter().filter_map(move |(part, _)| part.get(at)));
    columns.chain((0..length).flat_map(|at| parts.iter().map(move |(_, check)| &check[at]))).copied().collect()
}

impl Grid {
    fn of(text: &[u8]) -> Option<Self> {
        let version = (1..=BLOCKS.len()).find(|version| text.len() + if *version < 10 { 2 } else { 3 } <= data_codewords(*version))?;
        let size = version * 4 + 17;
        let mut grid = Self { version, size, dark: vec![false; size * size], fixed: vec![false; size * size] };
        grid.draw_patterns();
        grid.draw_data(&codewords(text, version));
        let mask = (0..8).min_by_key(|mask| grid.masked(*mask).penalty()).unwrap_or(0);
        Some(grid.masked(mask))
    }

    fn set(&mut self, x: usize, y: usize, dark: bool) {
        self.dark[y * self.size + x] = dark;
        self.fixed[y * self.size + x] = true;
    }

    fn draw_patterns(&mut self) {
        let size = self.size;
        for at in 0..size {
            self.set(6, at, at % 2 == 0);
            self.set(at, 6, at % 2 == 0);
        }
        for (cx, cy) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            for (y, x) in (0..size).flat_map(|y| (0..size).map(move |x| (y, x))) {
                let distance = x.abs_diff(cx).max(y.abs_diff(cy));
                if distance <= 4 {
                    self.set(x, y, distance != 2 && distance != 4);
                }
            }
        }
        let marks = self.marks();
        for (i, cx) in marks.iter().enumerate() {
            for (j, cy) in marks.iter().enumerate() {
                let last = marks.len() - 1;
                if (i, j) == (0, 0) || (i, j) == (0, last) || (i, j) == (last, 0) {
                    continue;
                }
                for (dy, dx) in (0..5).flat_map(|dy| (0..5).map(move |dx| (dy, dx))) {
                    self.set(cx + dx - 2, cy + dy - 2, usize::abs_diff(dx, 2).max(usize::abs_diff(dy, 2)) != 1);
                }
            }
        }
        self.draw_format(0);
        self.draw_version();
    }

    fn marks(&self) -> Vec<usize> {
        if self.version == 1 {
            return Vec::new();
        }
        let count = self.version / 7 + 2;
        let step = (self.version * 4 + count * 2 + 1) / (count * 2 - 2) * 2;
        let mut marks: Vec<usize> = (0..count - 1).map(|at| self.size - 7 - at * step).collect();
        marks.push(6);
        marks.reverse();
        marks
    }

    fn draw_format(&mut self, mask: usize) {
        // Level M is 00; what follows is the remainder by the format's polynomial.
        let mut rest = mask;
        for _ in 0..10 {
            rest = (rest << 1) ^ ((rest >> 9) * 0x537);
        }
        let bits = ((mask << 10) | rest) ^ 0x5412;
        let bit = |at: usize| (bits >> at) & 1 == 1;
        let size = self.size;
        for at in 0..6 {
            self.set(8, at, bit(at));
        }
        self.set(8, 7, bit(6));
        self.set(8, 8, bit(7));
        self.set(7, 8, bit(8));
        for at in 9..15 {
            self.set(14 - at, 8, bit(at));
        }
        for at in 0..8 {
            self.set(size - 1 - at, 8, bit(at));
        }
        for at in 8..15 {
            self.set(8, size - 15 + at, bit(at));
        }
        self.set(8, size - 8, true);
    }

    fn draw_version(&mut self) {
        if self.version < 7 {
            return;
        }
        let mut rest = self.version;
        for _ in 0..12 {
            rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
        }
        let bits = (self.version << 12) | rest;
        for at in 0..18 {
            let (a, b) = (self.size - 11 + at % 3, at / 3);
            let dark = (bits >> at) & 1 == 1;
            self.set(a, b, dark);
            self.set(b, a, dark);
        }
    }

    fn draw_data(&mut self, data: &[u8]) {
        let mut bits = data.iter().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1 == 1));
        let columns = (1..self.size).rev().step_by(2).map(|right| if right <= 6 { right - 1 } else { right });
        for (turn, right) in columns.enumerate() {
            for step in 0..self.size {
                let y = if turn % 2 == 0 { self.size - 1 - step } else { step };
                for x in [right, right - 1] {
                    if !self.fixed[y * self.size + x] {
                        self.dark[y * self.size + x] = bits.next().unwrap_or(false);
                    }
                }
            }
        }
    }

    fn masked(&self, mask: usize) -> Self {
        let mut grid = Self { version: self.version, size: self.size, dark: self.dark.clone(), fixed: self.fixed.clone() };
        for (at, dark) in grid.dark.iter_mut().enumerate().filter(|(at, _)| !self.fixed[*at]) {
            let (x, y) = (at % self.size, at / self.size);
            *dark ^= match mask {
                0 => (x + y) % 2 == 0,
                1 => y % 2 == 0,
                2 => x % 3 == 0,
                3 => (x + y) % 3 == 0,
                4 => (x / 3 + y / 2) % 2 == 0,
                5 => x * y % 2 + x * y % 3 == 0,
                6 => (x * y % 2 + x * y % 3) % 2 == 0,
                _ => ((x + y) % 2 + x * y % 3) % 2 == 0,
            };
        }
        grid.draw_format(mask);
        grid
    }

    /// How hard a reader would find it: long runs, blocks, look-alikes of the corners, too much of one colour.
    fn penalty(&self) -> usize {
        let size = self.size;
        let at = |x: usize, y: usize| self.dark[y * size + x];
        let mut total = 0;
        for line in 0..size {
            for row in [(0..size).map(|i| at(i, line)).collect::<Vec<_>>(), (0..size).map(|i| at(line, i)).collect()] {
                total += row.chunk_by(|a, b| a == b).map(<[bool]>::len).filter(|run| *run >= 5).map(|run| run - 2).sum::<usize>();
                total += row.windows(11).filter(|w| w.iter().eq(CORNER.iter()) || w.iter().rev().eq(CORNER.iter())).count() * 40;
            }
        }
        for (y, x) in (1..size).flat_map(|y| (1..size).map(move |x| (y, x))) {
            if at(x, y) == at(x - 1, y) && at(x, y) == at(x, y - 1) && at(x, y) == at(x - 1, y - 1) {
                total += 3;
            }
        }
        let dark = self.dark.iter().filter(|dark| **dark).count();
        total + (dark * 20).abs_diff(size * size * 10) / (size * size) * 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correction_is_that_of_the_standard() {
        // ISO/IEC 18004, annex I: version 1-M of "01234567".
        let data = [0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11];
        assert_eq!(correction(&data, 10), [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]);
    }

    #[test]
    fn a_code_grows_with_its_text_until_it_is_too_long() {
        let size = |length: usize| Grid::of(&vec![b'x'; length]).map(|grid| grid.size);
        assert_eq!((size(1), size(14), size(15), size(450), size(451)), (Some(21), Some(21), Some(25), Some(81), None));
        assert_eq!(Grid::of(&[b'x'; 200]).unwrap().marks(), [6, 28, 50]);
        assert!(draw("otpauth://totp/Yiqi").0.starts_with("<svg") && draw(&"x".repeat(500)).0.is_empty());
    }
}
