//! The words under which an instrument is found: Chinese words, their pinyin and initials, Latin words and their beginnings,
//! and the short names that people of the field use.
//!
//! [`index`] gives what is stored of an instrument, [`query`] what must be looked up for a typed question. Both fold the same way.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jieba_rs::Jieba;
use pinyin::ToPinyin as _;

use super::Listing;
use crate::base::text::fold;
use crate::domain::categories;

/// Terms of the field that the general dictionary cuts to pieces.
const TERMS: &[&str] = &[
    "质谱",
    "质谱仪",
    "色谱",
    "色谱仪",
    "光谱",
    "光谱仪",
    "波谱",
    "能谱",
    "能谱仪",
    "电镜",
    "扫描电镜",
    "透射电镜",
    "核磁",
    "核磁共振",
    "四极杆",
    "离子阱",
    "轨道阱",
    "飞行时间",
    "电感耦合",
    "等离子体",
    "联用仪",
    "衍射",
    "衍射仪",
    "光电子",
    "拉曼",
    "红外",
    "紫外",
    "荧光",
    "共聚焦",
    "显微镜",
    "场发射",
    "热重",
    "热分析",
    "流变仪",
    "流式细胞仪",
    "测序仪",
    "激光器",
    "中试",
    "聚焦离子束",
];

/// What people call things for short: where the left stands in a name, the right finds it too.
const SHORT: &[(&str, &[&str])] = &[
    ("扫描电子显微镜", &["扫描电镜", "电镜", "sem"]),
    ("透射电子显微镜", &["透射电镜", "电镜", "tem"]),
    ("电子显微镜", &["电镜"]),
    ("核磁共振", &["核磁", "nmr"]),
    ("射线衍射", &["xrd"]),
    ("光电子能谱", &["xps"]),
    ("电感耦合等离子体质谱", &["icpms"]),
    ("电感耦合等离子体", &["icp"]),
    ("气相色谱", &["gc"]),
    ("液相色谱", &["hplc", "lc"]),
    ("红外光谱", &["ftir"]),
    ("聚焦离子束", &["fib"]),
    ("原子力显微镜", &["afm"]),
    ("差示扫描量热", &["dsc"]),
    ("热重", &["tga"]),
];

/// The most characters of a description that are looked at.
const DESCRIPTION_CHARACTERS: usize = 1500;
/// Longer words are cut: nobody types them.
const WORD_CHARACTERS: usize = 32;
/// The most words of a question; more are left out.
const QUERY_WORDS: usize = 8;

static JIEBA: LazyLock<Jieba> = LazyLock::new(|| {
    let mut jieba = Jieba::new();
    for term in TERMS {
        jieba.add_word(term, Some(100_000), None);
    }
    jieba
});

/// Han characters belong to words that must be cut; everything else that is a letter or digit is parted by what is neither.
const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{3007}')
}

/// A stretch of folded text of one script.
#[derive(Debug, PartialEq, Eq)]
enum Run {
    Han(String),
    Latin(String),
}

fn runs(folded: &str) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut fresh = true;
    for c in folded.chars() {
        if !c.is_alphanumeric() {
            fresh = true;
            continue;
        }
        match (found.last_mut(), is_han(c)) {
            (Some(Run::Han(run)), true) | (Some(Run::Latin(run)), false) if !fresh => run.push(c),
            (_, true) => found.push(Run::Han(c.to_string())),
            (_, false) => found.push(Run::Latin(c.to_string())),
        }
        fresh = false;
    }
    found
}

/// The words of an instrument with their weights.
#[derive(Debug, Default)]
struct Index {
    words: BTreeMap<String, i64>,
}

impl Index {
    fn put(&mut self, word: &str, weight: i64) {
        let word: String = word.chars().take(WORD_CHARACTERS).collect();
        if !word.is_empty() && weight > 0 {
            let there = self.words.entry(word).or_insert(weight);
            *there = (*there).max(weight);
        }
    }

    /// A Latin word with its beginnings, and the letters and digits of `SU5000` apart.
    fn put_latin(&mut self, word: &str, weight: i64, prefixes: bool) {
        self.put(word, weight);
        let letters: Vec<char> = word.chars().collect();
        for cut in (1..letters.len()).filter(|cut| letters[cut - 1].is_ascii_digit() != letters[*cut].is_ascii_digit()) {
            self.put(&letters[cut..].iter().collect::<String>(), weight - 2);
        }
        if prefixes {
            for length in 2..letters.len().min(16) {
                self.put(&letters[..length].iter().collect::<String>(), weight - 3);
            }
        }
    }

    /// The words of a stretch of Chinese, with pinyin and initials of neighbours together when `spoken`.
    fn put_han(&mut self, run: &str, weight: i64, spoken: bool) {
        for token in JIEBA.cut_for_search(run, true) {
            self.put(token.word, weight);
        }
        if !spoken {
            return;
        }
        let letters: Vec<char> = run.chars().collect();
        // Any piece that somebody cuts another way than the dictionary is found too.
        for length in 1..=letters.len().min(4) {
            for piece in letters.windows(length) {
                self.put(&piece.iter().collect::<String>(), weight - 4);
            }
        }
        let tokens: Vec<String> = JIEBA.cut(run, true).into_iter().map(|token| token.word.to_owned()).collect();
        for first in 0..tokens.len() {
            for last in first..tokens.len().min(first + 5) {
                self.put_spoken(&tokens[first..=last].concat(), weight - 3);
            }
        }
        for token in JIEBA.cut_for_search(run, true) {
            self.put_spoken(token.word, weight - 3);
        }
    }

    fn put_spoken(&mut self, word: &str, weight: i64) {
        let syllables: Vec<&str> = word.to_pinyin().flatten().map(pinyin::Pinyin::plain).collect();
        if syllables.is_empty() {
            return;
        }
        self.put(&syllables.concat(), weight);
        if syllables.len() > 1 {
            let initials: String = syllables.iter().filter_map(|s| s.chars().next()).collect();
            self.put(&initials, weight - 2);
            // Nobody types all of 电子显微镜: its first letters will do.
            for length in 2..initials.len() {
                self.put(&initials[..length], weight - 4);
            }
        }
    }

    fn put_text(&mut self, text: &str, weight: i64, thorough: bool) {
        for run in runs(&fold(text)) {
            match run {
                Run::Han(run) => self.put_han(&run, weight, thorough),
                Run::Latin(run) => self.put_latin(&run, weight, thorough),
            }
        }
    }

    /// What stands between blanks, without its punctuation: `LC-MS` is found as `lcms`.
    fn put_joined(&mut self, text: &str, weight: i64) {
        for chunk in fold(text).split(' ') {
            let joined: String = chunk.chars().filter(|c| c.is_alphanumeric() && !is_han(*c)).collect();
            if joined.chars().count() > 1 {
                self.put(&joined, weight);
            }
        }
    }
}

/// Every word under which a listing of an institution is found, with its weight.
#[must_use]
pub fn index(listing: &Listing, institution: &str) -> Vec<(String, i64)> {
    let mut index = Index::default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (name_en, model, maker) = (text(&listing.name_en), text(&listing.model), text(&listing.maker));
    for (value, weight) in [(&listing.name, 20), (&name_en, 16), (&model, 14), (&maker, 12)] {
        index.put_text(value, weight, true);
        index.put_joined(value, weight);
    }
    index.put(&fold(&model).replace(' ', ""), 14);
    index.put(&fold(&listing.number), 18);
    index.put_text(&listing.number, 10, false);
    index.put_text(institution, 6, false);
    for category in categories::minor(&listing.category_code).into_iter().chain(categories::major(&listing.category_code)) {
        for name in [category.zh, category.en].iter().chain(category.aliases) {
            index.put_text(name, 8, false);
        }
    }
    let description: String = text(&listing.description).chars().take(DESCRIPTION_CHARACTERS).collect();
    index.put_text(&description, 3, false);
    let name = fold(&listing.name);
    for (long, short) in SHORT.iter().filter(|(long, _)| name.contains(long)) {
        for word in *short {
            index.put_text(word, if *long == name { 18 } else { 15 }, true);
        }
    }
    index.words.into_iter().collect()
}

/// What a typed question asks for: one group a word, and an instrument must have one of each group. Empty when nothing is left of it.
#[must_use]
pub fn query(typed: &str) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    for run in runs(&fold(typed)) {
        match run {
            Run::Latin(word) => groups.push(vec![word.chars().take(WORD_CHARACTERS).collect()]),
            Run::Han(run) => groups.extend(JIEBA.cut(&run, true).into_iter().map(|token| han_group(token.word))),
        }
    }
    groups.dedup();
    groups.truncate(QUERY_WORDS);
    groups
}

/// A Chinese word, and the shorter words in it: 质谱仪 also finds 质谱联用仪, further down.
fn han_group(word: &str) -> Vec<String> {
    let mut group = vec![word.chars().take(WORD_CHARACTERS).collect::<String>()];
    for token in JIEBA.cut_for_search(word, true) {
        if token.word.chars().count() > 1 && !group.iter().any(|there| there == token.word) {
            group.push(token.word.to_owned());
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Day;
    use crate::domain::instruments::{Funding, Kind, Mode};

    fn listing(name: &str, model: &str, maker: &str) -> Listing {
        let day = Day::parse("2024-03-18").unwrap();
        Listing {
            number: "LHCL-EM-007".into(),
            name: name.into(),
            name_en: Some("Triple quadrupole LC-MS".into()),
            model: Some(model.into()),
            maker: Some(maker.into()),
            description: Some("检测水中微量元素".into()),
            category_code: "010200".into(),
            kind: Kind::Instrument,
            original_value_fen: 1,
            accepted_on: day,
            commissioned_on: day,
            funding: Funding::Public,
            location: "x".into(),
            modes: vec![Mode::SelfService],
            positions: 1,
        }
    }

    fn finds(listing: &Listing, typed: &str) -> bool {
        let words = index(listing, "青岛浮山大学");
        let groups = query(typed);
        !groups.is_empty() && groups.iter().all(|group| group.iter().any(|word| words.iter().any(|(there, _)| there == word)))
    }

    #[test]
    fn an_instrument_is_found_by_word_pinyin_initials_model_and_maker() {
        let icp = listing("电感耦合等离子体质谱仪", "Agilent 8900", "安捷伦");
        for typed in [
            "质谱",
            "质谱仪",
            "zhipu",
            "zhipuyi",
            "zp",
            "zpy",
            "等离子体 质谱",
            "agilent",
            "AGIL",
            "8900",
            "安捷伦",
            "anjielun",
            "ajl",
            "ＩＣＰ",
            "icp-ms",
            "LC-MS",
            "lcms",
            "微量元素",
            "浮山大学",
            "LHCL-EM-007",
            "lhcl",
            "感耦",
            "质谱仪器",
        ] {
            assert!(finds(&icp, typed), "{typed}");
        }
        for typed in ["核磁", "zhipu hecigongzhen", "shimadzu", "!!", ""] {
            assert!(!finds(&icp, typed), "{typed}");
        }
    }

    #[test]
    fn the_field_calls_a_scanning_electron_microscope_by_shorter_names() {
        let sem = listing("场发射扫描电子显微镜", "GeminiSEM 500", "蔡司");
        for typed in ["扫描电镜", "电镜", "SEM", "saomiaodianjing", "smdj", "场发射", "显微镜", "gemini", "geminisem500", "蔡司"] {
            assert!(finds(&sem, typed), "{typed}");
        }
    }

    #[test]
    fn an_index_stays_small() {
        let words = index(&listing("液相色谱—四极杆飞行时间质谱联用仪", "SCIEX X500R", "爱博才思"), "青岛滨海农业大学");
        assert!(words.len() < 400, "{}", words.len());
        assert!(words.iter().all(|(word, weight)| !word.is_empty() && *weight > 0));
    }
}
