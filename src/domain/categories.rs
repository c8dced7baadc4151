//! Classes of instruments (仪器分类): the 15 major classes and the second level of 01, as a versioned table (rules.md section 8).
//!
//! A code has six digits, CCMMSS. Classes 13 to 15 are those of the 15-class lists. Only names stand here; what a class means for
//! rated hours is data of a scheme.

/// The table's version: a change of codes or names gets another one.
pub const VERSION: &str = "2020-15";

/// One class: its two digits, its official name, its English name, and other names under which it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Category {
    /// `01` to `15`, or of the second level `0101` to `0113`.
    pub code: &'static str,
    /// The official Chinese name.
    pub zh: &'static str,
    /// The English name.
    pub en: &'static str,
    /// Other names in circulation.
    pub aliases: &'static [&'static str],
}

const fn category(code: &'static str, zh: &'static str, en: &'static str, aliases: &'static [&'static str]) -> Category {
    Category { code, zh, en, aliases }
}

/// The major classes (大类), in the order of their codes.
pub const MAJOR: &[Category] = &[
    category("01", "分析仪器", "Analytical instruments", &[]),
    category("02", "物理性能测试仪器", "Physical property testing instruments", &[]),
    category("03", "计量仪器", "Metrological instruments", &[]),
    category("04", "天文仪器", "Astronomical instruments", &[]),
    category("05", "海洋仪器", "Marine instruments", &[]),
    category("06", "地球探测仪器", "Earth exploration instruments", &[]),
    category("07", "大气探测仪器", "Atmospheric sounding instruments", &[]),
    category("08", "电子测量仪器", "Electronic measuring instruments", &[]),
    category("09", "医学科研仪器", "Medical research instruments", &["医学诊断仪器"]),
    category("10", "核仪器", "Nuclear instruments", &[]),
    category("11", "特种检测仪器", "Special inspection instruments", &[]),
    category("12", "其他仪器", "Other instruments", &[]),
    category("13", "工艺实验设备", "Process and pilot equipment", &["工艺试验设备"]),
    category("14", "计算机及其配套设备", "Computers and peripherals", &["计算机及配套设备"]),
    category("15", "激光器", "Lasers", &[]),
];

/// The second level (中类) of 01 分析仪器.
pub const ANALYTICAL: &[Category] = &[
    category("0101", "电子光学仪器", "Electron optics", &["电子光学", "电镜"]),
    category("0102", "质谱仪器", "Mass spectrometry", &["质谱"]),
    category("0103", "X射线仪器", "X-ray instruments", &["X射线"]),
    category("0104", "光谱仪器", "Optical spectroscopy", &["光谱"]),
    category("0105", "色谱仪器", "Chromatography", &["色谱"]),
    category("0106", "波谱仪器", "Magnetic resonance and wave spectroscopy", &["波谱", "核磁共振"]),
    category("0107", "电化学仪器", "Electrochemistry", &["电化学"]),
    category("0108", "显微镜及图像分析仪器", "Microscopy and image analysis", &["显微镜及图像", "显微镜"]),
    category("0109", "热分析仪器", "Thermal analysis", &["热分析"]),
    category("0110", "生化分离分析仪器", "Biochemical separation and analysis", &["生化分离分析"]),
    category("0111", "环境与农业分析仪器", "Environmental and agricultural analysis", &["环境与农业分析"]),
    category("0112", "样品前处理及制备仪器", "Sample preparation", &["样品前处理及制备"]),
    category("0113", "其他分析仪器", "Other analytical instruments", &["其他"]),
];

/// Whether a six-digit code stands in the classification: a major class 01 to 15; below 01 a second level 00 to 13, else any two
/// digits; the last two are free.
#[must_use]
pub fn is_valid(code: &str) -> bool {
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    major(code).is_some() && (!code.starts_with("01") || &code[2..4] <= "13")
}

/// The major class of a code of two to six digits.
#[must_use]
pub fn major(code: &str) -> Option<&'static Category> {
    let head = code.get(..2)?;
    MAJOR.iter().find(|category| category.code == head)
}

/// The second level of a code, where the table has one.
#[must_use]
pub fn minor(code: &str) -> Option<&'static Category> {
    let head = code.get(..4)?;
    ANALYTICAL.iter().find(|category| category.code == head)
}

/// The most exact name of a code in `lang` (`en…` is English, everything else Chinese); the code itself when it is unknown.
#[must_use]
pub fn name<'a>(code: &'a str, lang: &str) -> &'a str {
    minor(code).or_else(|| major(code)).map_or(code, |category| category.named(lang))
}

impl Category {
    /// The name in `lang` (`en…` is English, everything else Chinese).
    #[must_use]
    pub fn named(&self, lang: &str) -> &'static str {
        if lang.starts_with("en") { self.en } else { self.zh }
    }

    /// The code filled up to six digits.
    #[must_use]
    pub fn code6(&self) -> String {
        format!("{:0<6}", self.code)
    }
}

/// The code of a class by any of its names, for imports: `医学诊断仪器` gives `090000`, `质谱` gives `010200`.
#[must_use]
pub fn by_name(text: &str) -> Option<String> {
    let wanted = crate::base::text::fold(text);
    let is_it = |name: &str| crate::base::text::fold(name) == wanted;
    MAJOR.iter().chain(ANALYTICAL).find(|c| is_it(c.zh) || is_it(c.en) || c.aliases.iter().any(|alias| is_it(alias))).map(Category::code6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_classification_are_told_from_others() {
        for right in ["010000", "010200", "011399", "020000", "029912", "150000", "130100"] {
            assert!(is_valid(right), "{right}");
        }
        for wrong in ["000000", "160000", "011400", "0102", "01020a", "", "０１0200", "0102000"] {
            assert!(!is_valid(wrong), "{wrong}");
        }
    }

    #[test]
    fn names_are_the_most_exact_ones_known() {
        assert_eq!((name("010200", "zh-CN"), name("010200", "en-GB")), ("质谱仪器", "Mass spectrometry"));
        assert_eq!((name("010000", "zh-CN"), name("090300", "en"), name("770000", "en")), ("分析仪器", "Medical research instruments", "770000"));
    }

    #[test]
    fn a_class_is_found_by_its_alias() {
        assert_eq!(by_name(" 医学诊断仪器 ").as_deref(), Some("090000"));
        assert_eq!(by_name("质谱").as_deref(), Some("010200"));
        assert_eq!(by_name("x射线").as_deref(), Some("010300"));
        assert_eq!(by_name("飞船"), None);
    }
}
