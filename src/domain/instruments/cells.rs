//! Cells of a table as people write them: amounts with their unit, days, classes, ways to serve. Each is read or refused with a reason,
//! never guessed.

use super::{Funding, Kind, Mode};
use crate::base::text::{fold, narrow};
use crate::base::time::Day;
use crate::domain::categories;

/// Why a cell cannot be read: a key of `why-…`.
pub type Why = &'static str;

/// Above this an amount written in 万元 is asked about (100 million yuan), in fen.
const DEAREST_IN_WAN_FEN: i64 = 10_000_000_000;
/// Below this an amount written without a unit is asked about (1,000 yuan), in fen.
const CHEAPEST_WITHOUT_UNIT_FEN: i64 = 100_000;

/// An amount of money and whether its unit was 万元.
struct Amount {
    fen: i64,
    in_wan: bool,
    has_unit: bool,
}

fn read_amount(text: &str, header_in_wan: bool) -> Result<Amount, Why> {
    let plain: String = narrow(text).chars().filter(|c| !matches!(c, ',' | ' ' | '_' | '¥' | '￥')).collect();
    let plain = plain.trim_end_matches("人民币").trim_start_matches("人民币").to_owned();
    let (digits, unit) = plain.split_at(plain.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(plain.len()));
    let (in_wan, has_unit) = match unit {
        "" => (header_in_wan, header_in_wan),
        "元" => (false, true),
        "万" | "万元" => (true, true),
        _ => return Err("not_an_amount"),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    // 万元 carry up to six decimals, yuan two; more must be zeros.
    let places = if in_wan { 6 } else { 2 };
    let part = part.trim_end_matches('0');
    if whole.is_empty() || part.len() > places || !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) {
        return Err("not_an_amount");
    }
    let fen = format!("{whole}{part:0<places$}").parse::<i64>().map_err(|_| "not_an_amount")?;
    Ok(Amount { fen, in_wan, has_unit })
}

/// An original value (原值) in fen. Without a unit it is yuan, unless the header says 万元. A band beside it (20万-50万) must hold it.
///
/// # Errors
/// `not_an_amount`; `check_the_unit` where the amount is hardly meant so; `unlike_its_band`.
pub fn original_value(text: &str, header_in_wan: bool, band: Option<&str>) -> Result<i64, Why> {
    let amount = read_amount(text, header_in_wan)?;
    if let Some((least, most)) = band.and_then(read_band)
        && !(least..=most).contains(&amount.fen)
    {
        return Err("unlike_its_band");
    }
    let too_dear = amount.in_wan && amount.fen > DEAREST_IN_WAN_FEN;
    let too_cheap = !amount.has_unit && (1..CHEAPEST_WITHOUT_UNIT_FEN).contains(&amount.fen);
    if too_dear || too_cheap { Err("check_the_unit") } else { Ok(amount.fen) }
}

/// A band of amounts such as 20万-50万, 20-50万元, 50万以上; `None` when it is none. Both ends in fen.
fn read_band(text: &str) -> Option<(i64, i64)> {
    let plain: String = narrow(text).chars().filter(|c| !c.is_whitespace()).collect();
    let in_wan = plain.contains('万');
    let amount = |piece: &str| read_amount(piece, in_wan && !piece.contains('元')).ok().map(|amount| amount.fen);
    for (mark, open_above) in [("以上", true), ("及以上", true), ("以下", false), ("及以下", false)] {
        if let Some(fen) = plain.strip_suffix(mark).and_then(|piece| amount(piece.trim_end_matches('及'))) {
            return Some(if open_above { (fen, i64::MAX) } else { (0, fen) });
        }
    }
    let (least, most) = plain.split_once(['-', '—', '–', '~', '至'])?;
    Some((amount(least)?, amount(most)?))
}

/// A day: 2024-03-18, 2024/3/18, 2024.3.18, 20240318, 2024年3月18日; a time of day behind it is left out.
///
/// # Errors
/// `not_a_day`.
pub fn day(text: &str) -> Result<Day, Why> {
    let plain = narrow(text.trim());
    let date = plain.split([' ', 'T']).next().unwrap_or_default();
    let digits: Vec<&str> = date.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let parts = match digits.as_slice() {
        [all] if all.len() == 8 && all.len() == date.len() => vec![&all[..4], &all[4..6], &all[6..]],
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => vec![*year, *month, *day],
        _ => return Err("not_a_day"),
    };
    Day::parse(&format!("{}-{:0>2}-{:0>2}", parts[0], parts[1], parts[2])).ok_or("not_a_day")
}

/// A class: six digits, fewer filled up with zeros, or a name such as 质谱仪器.
///
/// # Errors
/// `no_such_category`.
pub fn category(text: &str) -> Result<String, Why> {
    let plain = fold(text);
    let code = if plain.len() < 6 && plain.len().is_multiple_of(2) && plain.bytes().all(|b| b.is_ascii_digit()) { format!("{plain:0<6}") } else { plain };
    if categories::is_valid(&code) { Ok(code) } else { categories::by_name(text).ok_or("no_such_category") }
}

/// Ways to serve, several parted by commas or slashes. 送样检测 waits for an issue: beside another way it is left out.
///
/// # Errors
/// `not_a_known_word`.
pub fn modes(text: &str) -> Result<Vec<Mode>, Why> {
    let mut found = Vec::new();
    for word in narrow(text).split([',', ';', '/', '、', '|']).map(fold).filter(|word| !word.is_empty()) {
        let mode = match word.as_str() {
            "自主上机" | "自主" | "self" => Mode::SelfService,
            "委托操作" | "委托" | "operator" => Mode::Operator,
            "送样检测" | "送样" | "sample" => continue,
            _ => return Err("not_a_known_word"),
        };
        if !found.contains(&mode) {
            found.push(mode);
        }
    }
    if found.is_empty() { Err("not_a_known_word") } else { Ok(found) }
}

/// Whose money.
///
/// # Errors
/// `not_a_known_word`.
pub fn funding(text: &str) -> Result<Funding, Why> {
    match fold(text).as_str() {
        "财政资金" | "财政" | "财政拨款" => Ok(Funding::Public),
        "部分财政资金" | "部分财政" => Ok(Funding::PartlyPublic),
        "自有资金" | "自筹" | "自筹资金" => Ok(Funding::Private),
        word => Funding::parse(word).ok_or("not_a_known_word"),
    }
}

/// What it is.
///
/// # Errors
/// `not_a_known_word`.
pub fn kind(text: &str) -> Result<Kind, Why> {
    match fold(text).as_str() {
        "仪器" | "仪器设备" | "科研仪器" => Ok(Kind::Instrument),
        "中试装置" | "中试线" => Ok(Kind::PilotLine),
        "临床试验服务" | "临床试验" => Ok(Kind::ClinicalTrial),
        word => Kind::parse(word).ok_or("not_a_known_word"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_original_value_is_read_with_its_unit() {
        for (text, in_wan, fen) in [
            ("4860000", false, 486_000_000),
            ("4,860,000.00 元", false, 486_000_000),
            ("486", true, 486_000_000),
            ("４８.６万元", false, 48_600_000),
            ("36.0600万", false, 36_060_000),
            ("0", false, 0),
        ] {
            assert_eq!(original_value(text, in_wan, None), Ok(fen), "{text}");
        }
    }

    #[test]
    fn a_doubtful_unit_is_asked_about() {
        for (text, in_wan, band, why) in [
            ("360600.00万", false, Some("20万-50万"), "unlike_its_band"),
            ("360600.00万", false, None, "check_the_unit"),
            ("36.06", false, None, "check_the_unit"),
            ("360600", true, None, "check_the_unit"),
            ("600000", false, Some("20-50万元"), "unlike_its_band"),
            ("360600", false, Some("50万以上"), "unlike_its_band"),
            ("many", false, None, "not_an_amount"),
            ("-5", false, None, "not_an_amount"),
            ("1.005元", false, None, "not_an_amount"),
            ("99999999999999999999", false, None, "not_an_amount"),
        ] {
            assert_eq!(original_value(text, in_wan, band), Err(why), "{text} {band:?}");
        }
        assert_eq!(original_value("360600", false, Some("20万-50万")), Ok(36_060_000));
        assert_eq!(original_value("600000", false, Some("50万及以上")), Ok(60_000_000));
    }

    #[test]
    fn days_are_read_in_the_ways_people_write_them() {
        for text in ["2024-03-08", "2024/3/8", "2024.3.8", "20240308", "2024年3月8日", "2024-03-08 06:15:53.25", "2024-03-08T00:00:00"] {
            assert_eq!(day(text).map(|d| d.to_string()).as_deref(), Ok("2024-03-08"), "{text}");
        }
        for text in ["2024-03", "2024-02-30", "8.3.2024", "soon", "", "45359"] {
            assert_eq!(day(text), Err("not_a_day"), "{text}");
        }
    }

    #[test]
    fn words_are_read_in_both_languages() {
        assert_eq!(category("01"), Ok("010000".to_owned()));
        assert_eq!(category("质谱仪器"), Ok("010200".to_owned()));
        assert_eq!(category("990000"), Err("no_such_category"));
        assert_eq!(modes("自主上机、送样检测/委托操作"), Ok(vec![Mode::SelfService, Mode::Operator]));
        assert_eq!(modes("送样检测"), Err("not_a_known_word"));
        assert_eq!((funding("财政资金"), funding("private")), (Ok(Funding::Public), Ok(Funding::Private)));
        assert_eq!((kind("中试装置"), kind("ship")), (Ok(Kind::PilotLine), Err("not_a_known_word")));
    }
}
