//! The JSON that goes out for instruments.

use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::instruments::catalogue::{Detail, Found};
use crate::base::time::{Day, Instant};
use crate::domain::instruments::{Funding, Holidays, Kind, Mode, OpeningHours, OpeningItem, Policy, Price, State, tidy};

/// Whose an instrument is.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionView {
    /// 统一社会信用代码.
    pub uscc: String,
    /// Current name.
    pub name: String,
    /// GB/T 2260 code of its address.
    pub region_code: String,
}

/// An instrument in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemView {
    /// Id.
    pub id: String,
    /// The institution's own number.
    pub number: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Maker.
    pub maker: Option<String>,
    /// Six digits.
    pub category_code: String,
    /// What it is.
    pub kind: Kind,
    /// Whose it is.
    pub institution: InstitutionView,
    /// The lowest external price of an hour today; null without a valid one: it can be seen, not booked.
    pub external_hourly_fen: Option<i64>,
    /// How far its listing is.
    pub state: State,
    /// When the shortest allowed booking can start at the earliest; null when nothing is free or it takes no bookings.
    pub next_free_at: Option<Instant>,
}

impl From<Found> for ItemView {
    fn from(found: Found) -> Self {
        let item = found.item;
        Self {
            id: item.id,
            number: item.number,
            name: item.name,
            name_en: tidy(item.name_en),
            model: tidy(item.model),
            maker: tidy(item.maker),
            category_code: item.category_code,
            kind: item.kind,
            institution: InstitutionView { uscc: item.uscc, name: item.institution, region_code: item.region_code },
            external_hourly_fen: item.external_hourly_fen,
            state: item.state,
            next_free_at: found.next_free.map(|span| span.starts_at),
        }
    }
}

/// Opening hours.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpeningView {
    /// Every span of the week.
    pub items: Vec<OpeningItem>,
    /// Whether it opens on public holidays.
    pub holidays: Holidays,
}

impl From<&OpeningHours> for OpeningView {
    fn from(hours: &OpeningHours) -> Self {
        Self { items: hours.items(), holidays: hours.holidays }
    }
}

/// A booking policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    /// The rules.
    #[serde(flatten)]
    pub policy: Policy,
    /// Always null until an issue brings it.
    pub quota_week_minutes: Option<i64>,
    /// Always null until an issue brings it.
    pub qualification: Option<String>,
}

impl From<Policy> for PolicyView {
    fn from(policy: Policy) -> Self {
        Self { policy, quota_week_minutes: None, qualification: None }
    }
}

/// An instrument whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstrumentView {
    /// What a list shows.
    #[serde(flatten)]
    pub item: ItemView,
    /// Free text.
    pub description: Option<String>,
    /// Where it stands.
    pub location: String,
    /// How it serves.
    pub modes: Vec<Mode>,
    /// How many can work on it at once.
    pub positions: i64,
    /// 原值.
    pub original_value_fen: i64,
    /// Whose money bought it.
    pub funding: Funding,
    /// 验收日期.
    pub accepted_on: Day,
    /// 启用日期.
    pub commissioned_on: Day,
    /// Day of the first publication.
    pub listed_on: Option<Day>,
    /// The prices in force.
    pub prices: Vec<Price>,
    /// The opening hours in force.
    pub opening_hours: OpeningView,
    /// The policy in force.
    pub policy: PolicyView,
    /// Rises with each change of the listing.
    pub version: i64,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl From<Detail> for InstrumentView {
    fn from(detail: Detail) -> Self {
        let modes = detail.instrument.modes();
        let (instrument, found) = (detail.instrument, detail.found);
        Self {
            opening_hours: OpeningView::from(&found.item.rules.opening),
            policy: PolicyView::from(found.item.rules.policy),
            item: found.into(),
            description: tidy(instrument.description),
            location: instrument.location,
            modes,
            positions: instrument.positions,
            original_value_fen: instrument.original_value_fen,
            funding: instrument.funding,
            accepted_on: instrument.accepted_on,
            commissioned_on: instrument.commissioned_on,
            listed_on: instrument.listed_at.map(Instant::day),
            prices: detail.prices,
            version: instrument.version,
            created_at: instrument.created_at,
            updated_at: instrument.updated_at,
        }
    }
}
