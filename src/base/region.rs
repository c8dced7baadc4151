//! Regions by their six-digit code (行政区划代码, GB/T 2260): names, and which city and province a code lies in.
//!
//! The table holds every province, the cities of Shandong and the districts of Qingdao (rules.md section 8). A code below a known
//! province that stands in no row is still a code; it goes by the name of what it lies in. Never derive a region from a USCC.

type Row = (&'static str, &'static str, &'static str);

/// Code, Chinese name, English name; sorted by code.
const TABLE: &[Row] = &[
    ("110000", "北京", "Beijing"),
    ("120000", "天津", "Tianjin"),
    ("130000", "河北", "Hebei"),
    ("140000", "山西", "Shanxi"),
    ("150000", "内蒙古", "Inner Mongolia"),
    ("210000", "辽宁", "Liaoning"),
    ("220000", "吉林", "Jilin"),
    ("230000", "黑龙江", "Heilongjiang"),
    ("310000", "上海", "Shanghai"),
    ("320000", "江苏", "Jiangsu"),
    ("330000", "浙江", "Zhejiang"),
    ("340000", "安徽", "Anhui"),
    ("350000", "福建", "Fujian"),
    ("360000", "江西", "Jiangxi"),
    ("370000", "山东", "Shandong"),
    ("370100", "济南", "Jinan"),
    ("370200", "青岛", "Qingdao"),
    ("370202", "市南", "Shinan"),
    ("370203", "市北", "Shibei"),
    ("370211", "黄岛", "Huangdao"),
    ("370212", "崂山", "Laoshan"),
    ("370213", "李沧", "Licang"),
    ("370214", "城阳", "Chengyang"),
    ("370215", "即墨", "Jimo"),
    ("370281", "胶州", "Jiaozhou"),
    ("370283", "平度", "Pingdu"),
    ("370285", "莱西", "Laixi"),
    ("370300", "淄博", "Zibo"),
    ("370400", "枣庄", "Zaozhuang"),
    ("370500", "东营", "Dongying"),
    ("370600", "烟台", "Yantai"),
    ("370700", "潍坊", "Weifang"),
    ("370800", "济宁", "Jining"),
    ("370900", "泰安", "Tai'an"),
    ("371000", "威海", "Weihai"),
    ("371100", "日照", "Rizhao"),
    ("371300", "临沂", "Linyi"),
    ("371400", "德州", "Dezhou"),
    ("371500", "聊城", "Liaocheng"),
    ("371600", "滨州", "Binzhou"),
    ("371700", "菏泽", "Heze"),
    ("410000", "河南", "Henan"),
    ("420000", "湖北", "Hubei"),
    ("430000", "湖南", "Hunan"),
    ("440000", "广东", "Guangdong"),
    ("450000", "广西", "Guangxi"),
    ("460000", "海南", "Hainan"),
    ("500000", "重庆", "Chongqing"),
    ("510000", "四川", "Sichuan"),
    ("520000", "贵州", "Guizhou"),
    ("530000", "云南", "Yunnan"),
    ("540000", "西藏", "Tibet"),
    ("610000", "陕西", "Shaanxi"),
    ("620000", "甘肃", "Gansu"),
    ("630000", "青海", "Qinghai"),
    ("640000", "宁夏", "Ningxia"),
    ("650000", "新疆", "Xinjiang"),
    ("710000", "台湾", "Taiwan"),
    ("810000", "香港", "Hong Kong"),
    ("820000", "澳门", "Macao"),
];

fn row(code: &str) -> Option<&'static Row> {
    TABLE.binary_search_by_key(&code, |row| row.0).ok().map(|index| &TABLE[index])
}

/// Whether the code stands in the table by itself.
#[must_use]
pub fn is_known(code: &str) -> bool {
    row(code).is_some()
}

/// Whether the text could be a region: six digits below a known province.
#[must_use]
pub fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) && is_known(&province(text))
}

/// The name of a region in `lang` (`en…` is English, everything else Chinese); of an unlisted district the name of its city or
/// province; the code itself when nothing is known about it.
#[must_use]
pub fn name(code: &str, lang: &str) -> String {
    let found = row(code).or_else(|| row(&city(code))).or_else(|| row(&province(code)));
    found.map_or_else(|| code.to_owned(), |(_, zh, en)| if lang.starts_with("en") { (*en).to_owned() } else { (*zh).to_owned() })
}

/// The city in which a code lies: `370212` gives `370200`; a province stays itself. A text that is no code stays as it is.
#[must_use]
pub fn city(code: &str) -> String {
    code.get(..4).filter(|_| code.len() == 6).map_or_else(|| code.to_owned(), |head| format!("{head}00"))
}

/// The province in which a code lies: `370212` gives `370000`. A text that is no code stays as it is.
#[must_use]
pub fn province(code: &str) -> String {
    code.get(..2).filter(|_| code.len() == 6).map_or_else(|| code.to_owned(), |head| format!("{head}0000"))
}

/// Whether `code` is `area` or lies in it: `370212` lies in `370200` and in `370000`.
#[must_use]
pub fn lies_in(code: &str, area: &str) -> bool {
    code == area || city(code) == area || province(code) == area
}

/// Every row: code, Chinese name, English name, sorted by code.
#[must_use]
pub const fn all() -> &'static [(&'static str, &'static str, &'static str)] {
    TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_district_lies_in_its_city_and_province() {
        assert_eq!((city("370212").as_str(), province("370212").as_str()), ("370200", "370000"));
        assert!(lies_in("370212", "370200") && lies_in("370212", "370000") && !lies_in("370600", "370200"));
    }

    #[test]
    fn names_fall_back_to_what_a_code_lies_in() {
        assert_eq!((name("370212", "zh-CN"), name("370212", "en")), ("崂山".into(), "Laoshan".into()));
        assert_eq!((name("370299", "zh-CN"), name("610100", "en"), name("??", "en")), ("青岛".into(), "Shaanxi".into(), "??".into()));
        assert!(is_code("610100") && !is_known("610100") && !is_code("990000") && !is_code("37020") && !is_code("青岛"));
    }
}
