//! The JSON that comes in for instruments.

use crate::base::time::Day;
use crate::body;
use crate::domain::instruments::{Approval, Funding, Holidays, Kind, Listing, ListingChange, Mode, OpeningHours, OpeningItem, PolicyChange, Price, tidy};
use crate::domain::refusals::Refusal;

body! {
    /// A new instrument.
    pub struct InstrumentBody {
        /// The institution's own number, unique there.
        number: String,
        /// Chinese name.
        name: String,
        /// Six digits.
        category_code: String,
        /// What it is.
        kind: Kind,
        /// 原值.
        original_value_fen: i64,
        /// 验收日期.
        accepted_on: Day,
        /// 启用日期.
        commissioned_on: Day,
        /// Whose money bought it.
        funding: Funding,
        /// Where it stands.
        location: String,
        /// How it serves.
        modes: Vec<Mode>,
        /// English name.
        name_en: Option<String>,
        /// Model.
        model: Option<String>,
        /// Maker.
        maker: Option<String>,
        /// Free text.
        description: Option<String>,
        /// The policy's, set here for short.
        approval: Option<Approval>,
        /// 1.
        positions: Option<i64>,
    }
}

impl InstrumentBody {
    /// The listing, and how requests are answered.
    pub fn into_listing(self) -> (Listing, Option<Approval>) {
        let trimmed = |text: String| text.trim().to_owned();
        let listing = Listing {
            number: trimmed(self.number),
            name: trimmed(self.name),
            name_en: self.name_en.and_then(tidy),
            model: self.model.and_then(tidy),
            maker: self.maker.and_then(tidy),
            description: self.description.and_then(tidy),
            category_code: trimmed(self.category_code),
            kind: self.kind,
            original_value_fen: self.original_value_fen,
            accepted_on: self.accepted_on,
            commissioned_on: self.commissioned_on,
            funding: self.funding,
            location: trimmed(self.location),
            modes: self.modes,
            positions: self.positions.unwrap_or(1),
        };
        (listing, self.approval)
    }
}

body! {
    /// A change of an instrument; what is left out keeps its value.
    pub struct ChangeBody {
        /// The institution's own number, unique there.
        number: Option<String>,
        /// Chinese name.
        name: Option<String>,
        /// Six digits.
        category_code: Option<String>,
        /// What it is.
        kind: Option<Kind>,
        /// 原值.
        original_value_fen: Option<i64>,
        /// 验收日期.
        accepted_on: Option<Day>,
        /// 启用日期.
        commissioned_on: Option<Day>,
        /// Whose money bought it.
        funding: Option<Funding>,
        /// Where it stands.
        location: Option<String>,
        /// How it serves.
        modes: Option<Vec<Mode>>,
        /// English name; empty takes it away.
        name_en: Option<String>,
        /// Model; empty takes it away.
        model: Option<String>,
        /// Maker; empty takes it away.
        maker: Option<String>,
        /// Free text; empty takes it away.
        description: Option<String>,
        /// The policy's, set here for short.
        approval: Option<Approval>,
        /// 1.
        positions: Option<i64>,
        /// The version that was seen.
        version: Option<i64>,
    }
}

impl ChangeBody {
    /// The change.
    pub fn into_change(self) -> ListingChange {
        ListingChange {
            number: self.number,
            name: self.name,
            name_en: self.name_en,
            model: self.model,
            maker: self.maker,
            description: self.description,
            category_code: self.category_code,
            kind: self.kind,
            original_value_fen: self.original_value_fen,
            accepted_on: self.accepted_on,
            commissioned_on: self.commissioned_on,
            funding: self.funding,
            location: self.location,
            modes: self.modes,
            positions: self.positions,
            approval: self.approval,
            version: self.version,
        }
    }
}

body! {
    /// An act on a listing.
    pub struct VerbBody {
        /// The version that was seen.
        version: Option<i64>,
    }
}

body! {
    /// Prices.
    pub struct PricesBody {
        /// Every price that is to hold.
        items: Vec<Price>,
    }
}

body! {
    /// Opening hours.
    pub struct OpeningBody {
        /// Every span of the week.
        items: Vec<OpeningItem>,
        /// Whether it opens on public holidays; closed when left out.
        holidays: Option<Holidays>,
    }
}

impl OpeningBody {
    /// The hours.
    pub fn into_hours(self) -> Result<OpeningHours, Refusal> {
        OpeningHours::read(&self.items, self.holidays.unwrap_or(Holidays::Closed)).map_err(|violations| Refusal::Rules { violations, alternatives: Vec::new() })
    }
}

body! {
    /// A policy; what is left out keeps its value.
    pub struct PolicyBody {
        /// Start and end fall on multiples of this from local midnight.
        grid_minutes: Option<i64>,
        /// Shortest booking.
        min_minutes: Option<i64>,
        /// Longest booking.
        max_minutes: Option<i64>,
        /// Earliest start, counted from now.
        notice_minutes: Option<i64>,
        /// Latest start, counted from now.
        horizon_days: Option<i64>,
        /// Distance to a neighbour.
        buffer_minutes: Option<i64>,
        /// Automatic, or by a manager.
        approval: Option<Approval>,
        /// Working hours within which a manager answers.
        approval_hours: Option<i64>,
        /// Cancelling is free until this long before the start.
        free_cancel_minutes: Option<i64>,
        /// What a later cancelling costs, in percent of the quote.
        late_cancel_percent: Option<i64>,
        /// Not used this long after the start: no-show.
        no_show_minutes: Option<i64>,
        /// Only null until an issue brings it.
        quota_week_minutes: Option<serde_json::Value>,
        /// Only null until an issue brings it.
        qualification: Option<serde_json::Value>,
    }
}

impl PolicyBody {
    /// The change.
    pub fn into_change(self) -> PolicyChange {
        PolicyChange {
            grid_minutes: self.grid_minutes,
            min_minutes: self.min_minutes,
            max_minutes: self.max_minutes,
            notice_minutes: self.notice_minutes,
            horizon_days: self.horizon_days,
            buffer_minutes: self.buffer_minutes,
            approval: self.approval,
            approval_hours: self.approval_hours,
            free_cancel_minutes: self.free_cancel_minutes,
            late_cancel_percent: self.late_cancel_percent,
            no_show_minutes: self.no_show_minutes,
        }
    }
}
