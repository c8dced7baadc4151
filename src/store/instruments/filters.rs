//! The filters of the catalogue as SQL: one text for both engines, put together of fixed pieces; everything that was typed is bound.

use std::fmt::Write as _;

use sqlx::Arguments as _;
use sqlx::any::AnyArguments;

use super::{Error, Mode};
use crate::base::time::Day;

/// What an instrument must be to be found. Everything empty: every published one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Groups of words; one of each group must be among the instrument's words. `None`: no question asked.
    pub words: Option<Vec<Vec<String>>>,
    /// Beginnings of the category code; any of them.
    pub categories: Vec<String>,
    /// Regions of the institution, each with what lies in it; any of them.
    pub regions: Vec<String>,
    /// USCC of the institution.
    pub institution: Option<String>,
    /// Ways to serve; any of them.
    pub modes: Vec<Mode>,
    /// The external hourly price is at most this on `today`.
    pub max_hourly_fen: Option<i64>,
    /// Only institutions in a voucher pool on `today`.
    pub voucher: bool,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// What fits the words best; without words, what was entered first.
    Best,
    /// The lowest external hourly price; those without one last.
    Cheapest,
}

/// The lowest external price of an hour of the instrument `i` on the day `{day}`, over its modes: one of the mode's own beats one for every mode.
pub(super) const HOURLY: &str = "(SELECT min(coalesce(own.amount_fen, every.amount_fen)) FROM instrument_modes m \
     LEFT JOIN prices own ON own.instrument_id = m.instrument_id AND own.closed_at IS NULL AND own.mode = m.mode AND own.unit = 'hour' AND own.audience = 'external' \
     AND (own.valid_from_on IS NULL OR own.valid_from_on <= {day}) AND (own.valid_to_on IS NULL OR own.valid_to_on >= {day}) \
     LEFT JOIN prices every ON every.instrument_id = m.instrument_id AND every.closed_at IS NULL AND every.mode IS NULL AND every.unit = 'hour' AND every.audience = 'external' \
     AND (every.valid_from_on IS NULL OR every.valid_from_on <= {day}) AND (every.valid_to_on IS NULL OR every.valid_to_on >= {day}) \
     WHERE m.instrument_id = i.id)";

/// SQL text with its arguments.
#[derive(Default)]
pub(super) struct Built {
    pub(super) sql: String,
    pub(super) arguments: AnyArguments,
}

impl Built {
    pub(super) fn bind<'q, T>(&mut self, value: T) -> Result<String, Error>
    where
        T: sqlx::Encode<'q, sqlx::Any> + sqlx::Type<sqlx::Any> + 'q,
    {
        self.arguments.add(value).map_err(|e| Error::Sql(sqlx::Error::Encode(e)))?;
        Ok(format!("${}", self.arguments.len()))
    }

    pub(super) fn bind_all(&mut self, values: &[String]) -> Result<String, Error> {
        let places: Vec<String> = values.iter().map(|value| self.bind(value.clone())).collect::<Result<_, _>>()?;
        Ok(places.join(", "))
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    /// ` FROM instruments i … WHERE …` of the filters, with more joins. `rank` is a column of `hits` when there are words.
    pub(super) fn put_sources(&mut self, filters: &Filters, joins: &str, today: Day) -> Result<(), Error> {
        self.sql.push_str(" FROM instruments i");
        if let Some(groups) = &filters.words {
            self.words(groups)?;
        }
        if !filters.regions.is_empty() || filters.institution.is_some() || filters.voucher {
            self.sql.push_str(" JOIN tenures t ON t.instrument_id = i.id AND t.until_at IS NULL");
        }
        self.sql.push_str(joins);
        self.sql.push_str(" WHERE i.state = 'published'");
        if filters.words.as_ref().is_some_and(Vec::is_empty) {
            self.and("1 = 0");
        }
        if !filters.categories.is_empty() {
            let mut any = Vec::new();
            for prefix in &filters.categories {
                let place = self.bind(prefix.clone())?;
                any.push(format!("substr(i.category_code, 1, {}) = {place}", prefix.len()));
            }
            self.and(&format!("({})", any.join(" OR ")));
        }
        self.parties(filters, today)?;
        if !filters.modes.is_empty() {
            let words: Vec<String> = filters.modes.iter().map(ToString::to_string).collect();
            let places = self.bind_all(&words)?;
            self.and(&format!("EXISTS (SELECT 1 FROM instrument_modes o WHERE o.instrument_id = i.id AND o.mode IN ({places}))"));
        }
        if let Some(most) = filters.max_hourly_fen {
            let (most, day) = (self.bind(most)?, self.bind(today)?);
            self.and(&format!("{} <= {most}", HOURLY.replace("{day}", &day)));
        }
        Ok(())
    }

    fn words(&mut self, groups: &[Vec<String>]) -> Result<(), Error> {
        let mut parts = Vec::new();
        for (number, group) in groups.iter().enumerate() {
            // The first word of a group is what was typed: it counts double.
            let typed = self.bind(group.first().cloned().unwrap_or_default())?;
            let places = self.bind_all(group)?;
            parts.push(format!(
                "SELECT instrument_id, {number} AS part, max(CASE WHEN word = {typed} THEN 2 * weight ELSE weight END) AS weight FROM instrument_words WHERE word IN ({places}) GROUP BY instrument_id"
            ));
        }
        if !parts.is_empty() {
            let _ = write!(
                self.sql,
                " JOIN (SELECT w.instrument_id AS instrument_id, CAST(sum(w.weight) AS BIGINT) AS rank FROM ({}) AS w GROUP BY w.instrument_id HAVING count(*) = {}) AS hits ON hits.instrument_id = i.id",
                parts.join(" UNION ALL "),
                groups.len()
            );
        }
        Ok(())
    }

    fn parties(&mut self, filters: &Filters, today: Day) -> Result<(), Error> {
        if !filters.regions.is_empty() {
            let mut any = Vec::new();
            for region in &filters.regions {
                let head = if region.ends_with("0000") {
                    2
                } else if region.ends_with("00") {
                    4
                } else {
                    6
                };
                let place = self.bind(region.chars().take(head).collect::<String>())?;
                any.push(format!("substr(a.region_code, 1, {head}) = {place}"));
            }
            self.and(&format!(
                "t.institution_id IN (SELECT a.organisation_id FROM organisation_addresses a WHERE a.until_on IS NULL AND ({}))",
                any.join(" OR ")
            ));
        }
        if let Some(uscc) = &filters.institution {
            let place = self.bind(uscc.clone())?;
            self.and(&format!("t.institution_id IN (SELECT o.id FROM organisations o WHERE o.uscc = {place})"));
        }
        if filters.voucher {
            let day = self.bind(today)?;
            self.and(&format!(
                "t.institution_id IN (SELECT e.institution_id FROM enrolments e WHERE e.from_on <= {day} AND (e.until_on IS NULL OR e.until_on > {day}))"
            ));
        }
        Ok(())
    }

    pub(super) fn order(&mut self, filters: &Filters, order: Order, today: Day) -> Result<(), Error> {
        let has_rank = filters.words.as_ref().is_some_and(|groups| !groups.is_empty());
        let by = match order {
            Order::Cheapest => {
                let day = self.bind(today)?;
                format!("{} NULLS LAST, i.id", HOURLY.replace("{day}", &day))
            }
            Order::Best if has_rank => "hits.rank DESC, i.id".to_owned(),
            Order::Best => "i.id".to_owned(),
        };
        self.sql.push_str(" ORDER BY ");
        self.sql.push_str(&by);
        Ok(())
    }
}
