//! Changes of a listing and of a policy: what is named is laid over what stands, the rest keeps its value.

use super::{Approval, Funding, Kind, Listing, Mode, Policy};
use crate::base::time::{Day, Instant};
use crate::domain::refusals::Violation;

/// What a change of a listing names; the rest keeps its value.
#[derive(Debug, Clone, Default)]
pub struct ListingChange {
    /// See [`Listing`].
    pub number: Option<String>,
    /// See [`Listing`].
    pub name: Option<String>,
    /// See [`Listing`]; blank takes it away.
    pub name_en: Option<String>,
    /// See [`Listing`]; blank takes it away.
    pub model: Option<String>,
    /// See [`Listing`]; blank takes it away.
    pub maker: Option<String>,
    /// See [`Listing`]; blank takes it away.
    pub description: Option<String>,
    /// See [`Listing`].
    pub category_code: Option<String>,
    /// See [`Listing`].
    pub kind: Option<Kind>,
    /// See [`Listing`].
    pub original_value_fen: Option<i64>,
    /// See [`Listing`].
    pub accepted_on: Option<Day>,
    /// See [`Listing`].
    pub commissioned_on: Option<Day>,
    /// See [`Listing`].
    pub funding: Option<Funding>,
    /// See [`Listing`].
    pub location: Option<String>,
    /// See [`Listing`].
    pub modes: Option<Vec<Mode>>,
    /// See [`Listing`].
    pub positions: Option<i64>,
    /// The policy's, set here for short.
    pub approval: Option<Approval>,
    /// The version that was seen; a stale one is a conflict.
    pub version: Option<i64>,
}

impl ListingChange {
    /// The listing with the change laid over it.
    #[must_use]
    pub fn over(&self, listing: Listing) -> Listing {
        let needed = |new: &Option<String>, old: String| new.as_ref().map_or(old, |text| text.trim().to_owned());
        Listing {
            number: needed(&self.number, listing.number),
            name: needed(&self.name, listing.name),
            name_en: self.name_en.clone().map_or(listing.name_en, tidy),
            model: self.model.clone().map_or(listing.model, tidy),
            maker: self.maker.clone().map_or(listing.maker, tidy),
            description: self.description.clone().map_or(listing.description, tidy),
            category_code: needed(&self.category_code, listing.category_code),
            kind: self.kind.unwrap_or(listing.kind),
            original_value_fen: self.original_value_fen.unwrap_or(listing.original_value_fen),
            accepted_on: self.accepted_on.unwrap_or(listing.accepted_on),
            commissioned_on: self.commissioned_on.unwrap_or(listing.commissioned_on),
            funding: self.funding.unwrap_or(listing.funding),
            location: needed(&self.location, listing.location),
            modes: self.modes.clone().unwrap_or(listing.modes),
            positions: self.positions.unwrap_or(listing.positions),
        }
    }

    /// What is wrong with the fields that the change names, whatever the others may be.
    #[must_use]
    pub fn judged(&self) -> Vec<Violation> {
        let day = self.accepted_on.or(self.commissioned_on).unwrap_or(Instant(0).day());
        let listing = self.over(blank(Kind::Instrument, Funding::Public, day, day));
        let named = [
            ("number", self.number.is_some()),
            ("name", self.name.is_some()),
            ("name_en", self.name_en.is_some()),
            ("model", self.model.is_some()),
            ("maker", self.maker.is_some()),
            ("description", self.description.is_some()),
            ("category_code", self.category_code.is_some()),
            ("original_value_fen", self.original_value_fen.is_some()),
            ("commissioned_on", self.commissioned_on.is_some()),
            ("accepted_on", self.accepted_on.is_some()),
            ("location", self.location.is_some()),
            ("modes", self.modes.is_some()),
            ("positions", self.positions.is_some()),
        ];
        listing.violations().into_iter().filter(|violation| named.iter().any(|(field, there)| *there && violation.field == *field)).collect()
    }

    /// A whole new listing.
    ///
    /// # Errors
    /// `required` for everything that a listing must say and the change does not.
    pub fn whole(&self) -> Result<Listing, Vec<Violation>> {
        let missing = [
            ("number", self.number.is_none()),
            ("name", self.name.is_none()),
            ("category_code", self.category_code.is_none()),
            ("kind", self.kind.is_none()),
            ("original_value_fen", self.original_value_fen.is_none()),
            ("accepted_on", self.accepted_on.is_none()),
            ("commissioned_on", self.commissioned_on.is_none()),
            ("funding", self.funding.is_none()),
            ("location", self.location.is_none()),
            ("modes", self.modes.is_none()),
        ];
        match (self.kind, self.accepted_on, self.commissioned_on, self.funding) {
            (Some(kind), Some(accepted_on), Some(commissioned_on), Some(funding)) if missing.iter().all(|(_, absent)| !absent) => {
                Ok(self.over(blank(kind, funding, accepted_on, commissioned_on)))
            }
            _ => Err(missing.iter().filter(|(_, absent)| *absent).map(|(field, _)| Violation::required(*field)).collect()),
        }
    }
}

/// A listing that says nothing yet but what has no empty form.
const fn blank(kind: Kind, funding: Funding, accepted_on: Day, commissioned_on: Day) -> Listing {
    Listing {
        number: String::new(),
        name: String::new(),
        name_en: None,
        model: None,
        maker: None,
        description: None,
        category_code: String::new(),
        kind,
        original_value_fen: 0,
        accepted_on,
        commissioned_on,
        funding,
        location: String::new(),
        modes: Vec::new(),
        positions: 1,
    }
}

/// A text without blanks around it; nothing when nothing is left.
#[must_use]
pub fn tidy(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What a change of a policy names; the rest keeps its value.
#[derive(Debug, Clone, Copy, Default)]
pub struct PolicyChange {
    /// See [`Policy`].
    pub grid_minutes: Option<i64>,
    /// See [`Policy`].
    pub min_minutes: Option<i64>,
    /// See [`Policy`].
    pub max_minutes: Option<i64>,
    /// See [`Policy`].
    pub notice_minutes: Option<i64>,
    /// See [`Policy`].
    pub horizon_days: Option<i64>,
    /// See [`Policy`].
    pub buffer_minutes: Option<i64>,
    /// See [`Policy`].
    pub approval: Option<Approval>,
    /// See [`Policy`].
    pub approval_hours: Option<i64>,
    /// See [`Policy`].
    pub free_cancel_minutes: Option<i64>,
    /// See [`Policy`].
    pub late_cancel_percent: Option<i64>,
    /// See [`Policy`].
    pub no_show_minutes: Option<i64>,
}

impl PolicyChange {
    /// The policy with the change laid over it.
    #[must_use]
    pub fn over(&self, policy: Policy) -> Policy {
        Policy {
            grid_minutes: self.grid_minutes.unwrap_or(policy.grid_minutes),
            min_minutes: self.min_minutes.unwrap_or(policy.min_minutes),
            max_minutes: self.max_minutes.unwrap_or(policy.max_minutes),
            notice_minutes: self.notice_minutes.unwrap_or(policy.notice_minutes),
            horizon_days: self.horizon_days.unwrap_or(policy.horizon_days),
            buffer_minutes: self.buffer_minutes.unwrap_or(policy.buffer_minutes),
            approval: self.approval.unwrap_or(policy.approval),
            approval_hours: self.approval_hours.unwrap_or(policy.approval_hours),
            free_cancel_minutes: self.free_cancel_minutes.unwrap_or(policy.free_cancel_minutes),
            late_cancel_percent: self.late_cancel_percent.unwrap_or(policy.late_cancel_percent),
            no_show_minutes: self.no_show_minutes.unwrap_or(policy.no_show_minutes),
        }
    }
}
