//! Which column of a table says what of an instrument: a map that somebody wrote, then the columns of the provincial network, of UNIQUIP
//! and the contract's own names (rules.md section 8).

use std::collections::BTreeMap;

use super::cells::{self, Why};
use super::{ListingChange, tidy};
use crate::base::text::{fold, is_clean};
use crate::domain::refusals::Violation;

/// What a table can say, by the contract's names.
pub const FIELDS: &[&str] = &[
    "number",
    "name",
    "name_en",
    "model",
    "maker",
    "description",
    "category_code",
    "kind",
    "original_value_fen",
    "original_value",
    "accepted_on",
    "commissioned_on",
    "funding",
    "location",
    "modes",
];

/// Columns under which a field is looked for where no map names any. Those of one line belong together, the first line that is there holds.
const USUAL: &[(&str, &[&[&str]])] = &[
    ("number", &[&["所在单位内仪器编号"], &["单位内编号"], &["仪器编号"], &["id"]]),
    ("name", &[&["中文名称"], &["仪器名称"], &["name"]]),
    ("name_en", &[&["英文名称"]]),
    ("model", &[&["型号规格"], &["规格型号"], &["型号"]]),
    ("maker", &[&["生产厂商"], &["制造商"], &["生产厂家"]]),
    ("description", &[&["主要技术指标", "主要测试和研究领域", "主要用途", "主要附件及功能"], &["description", "technique"]]),
    ("category_code", &[&["仪器分类编码"], &["分类编码"], &["仪器分类"]]),
    ("original_value", &[&["原值"], &["仪器原值"], &["设备原值"]]),
    ("commissioned_on", &[&["启用日期"]]),
    ("accepted_on", &[&["验收日期"]]),
    ("funding", &[&["资金来源"]]),
    ("modes", &[&["服务方式"]]),
    ("location", &[&["安放地址"], &["location", "building", "sitelocation"], &["实验室名称"]]),
];

/// A map that somebody wrote: `[columns]` and `[constants]`, by the contract's names of fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// The columns of each field.
    pub columns: BTreeMap<String, Vec<String>>,
    /// What every row says.
    pub constants: BTreeMap<String, String>,
}

/// Where a field comes from.
#[derive(Debug, Clone)]
struct Source {
    field: &'static str,
    /// Places of the columns with their titles.
    columns: Vec<(usize, String)>,
    /// The title says 万元.
    in_wan: bool,
}

/// How the rows of one table are read.
#[derive(Debug, Clone)]
pub struct Plan {
    sources: Vec<Source>,
    constants: BTreeMap<&'static str, String>,
    /// The column with the band of the original value.
    band: Option<usize>,
}

/// A title without its unit and spelling.
fn title(text: &str) -> String {
    let folded = fold(text.trim_start_matches('\u{FEFF}'));
    folded.split('(').next().unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect()
}

fn known(field: &str) -> Result<&'static str, String> {
    FIELDS.iter().find(|known| **known == field).copied().ok_or_else(|| format!("there is no field {field}; fields are {}", FIELDS.join(", ")))
}

impl Plan {
    /// How many of the usual columns a row of titles holds, to find the header below a caption.
    #[must_use]
    pub fn likeness(header: &[String], map: &ColumnMap) -> usize {
        let usual = |cell: &String| USUAL.iter().any(|(_, lines)| lines.iter().any(|line| line.contains(&title(cell).as_str())));
        let mapped = |cell: &String| map.columns.values().flatten().any(|name| title(name) == title(cell));
        header.iter().filter(|cell| !cell.trim().is_empty() && (usual(cell) || mapped(cell) || FIELDS.contains(&fold(cell).as_str()))).count()
    }

    /// A plan for a table with these titles.
    ///
    /// # Errors
    /// A sentence for the operator: a field that there is not, a column that the map names and the table has not, or no number at all.
    pub fn new(header: &[String], map: &ColumnMap) -> Result<Self, String> {
        let place = |name: &str| header.iter().position(|cell| fold(cell.trim_start_matches('\u{FEFF}')) == fold(name));
        let like = |name: &str| header.iter().position(|cell| title(cell) == name);
        let mut sources: Vec<Source> = Vec::new();
        for (field, names) in &map.columns {
            let find = |name: &String| {
                place(name).map(|at| (at, name.clone())).ok_or_else(|| format!("the table has no column “{name}”, which the map names for {field}"))
            };
            sources.push(Source::new(known(field)?, names.iter().map(find).collect::<Result<_, _>>()?));
        }
        let mut constants = BTreeMap::new();
        for (field, value) in &map.constants {
            constants.insert(known(field)?, value.clone());
        }
        let is_set =
            |field: &str, sources: &[Source]| map.columns.contains_key(field) || map.constants.contains_key(field) || sources.iter().any(|s| s.field == field);
        for field in FIELDS {
            if !is_set(field, &sources)
                && let Some(at) = place(field)
            {
                sources.push(Source::new(field, vec![(at, header[at].clone())]));
            }
        }
        for (field, lines) in USUAL {
            let twin = if *field == "original_value" { "original_value_fen" } else { field };
            if is_set(field, &sources) || is_set(twin, &sources) {
                continue;
            }
            let found = |line: &&[&str]| line.iter().filter_map(|name| like(name)).map(|at| (at, header[at].clone())).collect::<Vec<_>>();
            if let Some(columns) = lines.iter().map(found).find(|columns| !columns.is_empty()) {
                sources.push(Source::new(field, columns));
            }
        }
        if !is_set("number", &sources) {
            return Err("the table has no column for the number; name one in a map: [columns] number = \"…\"".to_owned());
        }
        let is_band = |cell: &String| ["区间", "范围", "档次", "分档"].iter().any(|word| cell.contains(word));
        Ok(Self { sources, constants, band: header.iter().position(is_band) })
    }

    /// The title of the column that a field comes from, for naming a problem; the field where it is a constant or missing.
    #[must_use]
    pub fn column_of<'a>(&'a self, field: &'a str) -> &'a str {
        let twin = if field == "original_value_fen" { "original_value" } else { field };
        let source = self.sources.iter().find(|source| source.field == field || source.field == twin);
        source.and_then(|source| source.columns.first()).map_or(field, |(_, title)| title.as_str())
    }

    /// What a row says; blank cells say nothing.
    ///
    /// # Errors
    /// Everything wrong with it, by field.
    pub fn read(&self, row: &[String]) -> Result<ListingChange, Vec<Violation>> {
        let mut change = ListingChange::default();
        let mut found = Vec::new();
        let cell = |at: usize| row.get(at).map_or("", |cell| cell.trim());
        for (field, value) in &self.constants {
            put(&mut change, &mut found, field, value, false, None);
        }
        for source in &self.sources {
            let filled = source.columns.iter().filter(|(at, _)| !cell(*at).is_empty());
            let text = match (source.field, source.columns.len()) {
                // Several columns become one text; each line says which it was.
                ("description", 2..) => filled.map(|(at, title)| format!("{title}：{}", cell(*at))).collect::<Vec<_>>().join("\n"),
                _ => filled.map(|(at, _)| cell(*at).to_owned()).collect::<Vec<_>>().join(", "),
            };
            if !text.is_empty() {
                put(&mut change, &mut found, source.field, &text, source.in_wan, self.band.map(cell).filter(|band| !band.is_empty()));
            }
        }
        if found.is_empty() {
            return Ok(change);
        }
        // What can be read is judged too: one round of mending should do.
        let more = change.judged().into_iter().filter(|other| !found.iter().any(|violation| violation.field == other.field)).collect::<Vec<_>>();
        found.extend(more);
        Err(found)
    }
}

impl Source {
    fn new(field: &'static str, columns: Vec<(usize, String)>) -> Self {
        let in_wan = columns.iter().any(|(_, title)| title.contains('万'));
        Self { field, columns, in_wan }
    }
}

fn put(change: &mut ListingChange, found: &mut Vec<Violation>, field: &str, text: &str, in_wan: bool, band: Option<&str>) {
    if !is_clean(text) {
        found.push(Violation::invalid(field, "control_characters"));
        return;
    }
    if let Err(why) = set(change, field, text, in_wan, band) {
        let field = if field == "original_value" { "original_value_fen" } else { field };
        found.push(Violation::new("invalid", field).with("why", why));
    }
}

fn set(change: &mut ListingChange, field: &str, text: &str, in_wan: bool, band: Option<&str>) -> Result<(), Why> {
    let words = || tidy(text.to_owned());
    match field {
        "number" => change.number = words(),
        "name" => change.name = words(),
        "name_en" => change.name_en = words(),
        "model" => change.model = words(),
        "maker" => change.maker = words(),
        "description" => change.description = words(),
        "location" => change.location = words(),
        "category_code" => change.category_code = Some(cells::category(text)?),
        "kind" => change.kind = Some(cells::kind(text)?),
        "original_value_fen" => change.original_value_fen = Some(text.trim().parse().map_err(|_| "not_a_number")?),
        "original_value" => change.original_value_fen = Some(cells::original_value(text, in_wan, band)?),
        "accepted_on" => change.accepted_on = Some(cells::day(text)?),
        "commissioned_on" => change.commissioned_on = Some(cells::day(text)?),
        "funding" => change.funding = Some(cells::funding(text)?),
        "modes" => change.modes = Some(cells::modes(text)?),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_provincial_columns_are_known() {
        let header = row(&[
            "仪器编号",
            "仪器分类编码",
            "所在单位内仪器编号",
            "中文名称",
            "型号规格",
            "主要技术指标",
            "主要用途",
            "原值（万元）",
            "启用日期",
            "安放地址",
        ]);
        let plan = Plan::new(&header, &ColumnMap::default()).unwrap();
        let change = plan.read(&row(&["37-1", "010200", "EM-7", "质谱仪", "8900", "0.1 ng", "", "486.5", "2024年4月8日", "1 号楼"])).unwrap();
        assert_eq!(
            (change.number.as_deref(), change.original_value_fen, change.description.as_deref()),
            (Some("EM-7"), Some(486_500_000), Some("主要技术指标：0.1 ng"))
        );
        let wrong = plan.read(&row(&["37-1", "xx", "EM-7", "质谱仪", "", "", "", "many", "2024-4", ""])).unwrap_err();
        let columns: Vec<&str> = wrong.iter().map(|violation| plan.column_of(&violation.field)).collect();
        assert_eq!(columns, ["仪器分类编码", "原值（万元）", "启用日期"]);
    }

    #[test]
    fn a_map_goes_before_the_usual_columns() {
        let header = row(&["Instrument ID", "Name", "Room"]);
        let mut map = ColumnMap::default();
        map.columns.insert("number".into(), vec!["Instrument ID".into()]);
        map.constants.insert("category_code".into(), "010200".into());
        let change = Plan::new(&header, &map).unwrap().read(&row(&["7", "FTICR", "1621"])).unwrap();
        assert_eq!((change.number.as_deref(), change.name.as_deref(), change.category_code.as_deref()), (Some("7"), Some("FTICR"), Some("010200")));
        map.columns.insert("location".into(), vec!["Floor".into()]);
        assert!(Plan::new(&header, &map).unwrap_err().contains("Floor"));
        map.columns.clear();
        assert!(Plan::new(&header, &map).unwrap_err().contains("number"));
        map.columns.insert("colour".into(), vec!["Room".into()]);
        assert!(Plan::new(&header, &map).unwrap_err().contains("colour"));
    }

    #[test]
    fn a_band_beside_the_original_value_is_heeded() {
        let header = row(&["所在单位内仪器编号", "原值", "原值区间"]);
        let plan = Plan::new(&header, &ColumnMap::default()).unwrap();
        assert_eq!(plan.read(&row(&["1", "360600.00万", "20万-50万"])).unwrap_err()[0].facts, [("why", "unlike_its_band".to_owned())]);
        assert_eq!(plan.read(&row(&["1", "360600", "20万-50万"])).unwrap().original_value_fen, Some(36_060_000));
    }
}
