//! The booking policy (预约规则) of an instrument: data, with the defaults of rules.md section 3. Rules of booking, not of the database.

use serde::{Deserialize, Serialize};

use super::out_of_range;
use crate::base::time::MINUTE;
use crate::domain::refusals::Violation;
use crate::words;

words! {
    /// Who says yes to a request (审批).
    pub enum Approval {
        /// 自动确认.
        Automatic = "automatic",
        /// 仪器管理员审核.
        Manager = "manager",
    }
}

/// The rules under which an instrument can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema, sqlx::FromRow)]
pub struct Policy {
    /// Start and end fall on multiples of this from local midnight; divides a day.
    pub grid_minutes: i64,
    /// Shortest booking.
    pub min_minutes: i64,
    /// Longest booking.
    pub max_minutes: i64,
    /// Earliest start, counted from now.
    pub notice_minutes: i64,
    /// Latest start, counted from now.
    pub horizon_days: i64,
    /// Distance to a neighbour of whatever kind, once, not twice.
    pub buffer_minutes: i64,
    /// Automatic, or by a manager.
    pub approval: Approval,
    /// Working hours within which a manager answers.
    pub approval_hours: i64,
    /// Cancelling is free until this long before the start.
    pub free_cancel_minutes: i64,
    /// What a later cancelling costs, in percent of the quote.
    pub late_cancel_percent: i64,
    /// Not used this long after the start: no-show.
    pub no_show_minutes: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            grid_minutes: 30,
            min_minutes: 60,
            max_minutes: 480,
            notice_minutes: 1440,
            horizon_days: 60,
            buffer_minutes: 0,
            approval: Approval::Manager,
            approval_hours: 16,
            free_cancel_minutes: 1440,
            late_cancel_percent: 0,
            no_show_minutes: 60,
        }
    }
}

/// The longest booking that any policy may allow: 31 days, as long as a usage segment.
pub const MOST_MINUTES: i64 = 31 * 1440;
const YEAR_MINUTES: i64 = 366 * 1440;

impl Policy {
    /// Everything that is wrong with it, each at its field.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let ranges = [
            ("grid_minutes", self.grid_minutes, 1, 1440),
            ("min_minutes", self.min_minutes, 1, MOST_MINUTES),
            ("max_minutes", self.max_minutes, 1, MOST_MINUTES),
            ("notice_minutes", self.notice_minutes, 0, YEAR_MINUTES),
            ("horizon_days", self.horizon_days, 1, 732),
            ("buffer_minutes", self.buffer_minutes, 0, 1440),
            ("approval_hours", self.approval_hours, 1, 800),
            ("free_cancel_minutes", self.free_cancel_minutes, 0, YEAR_MINUTES),
            ("late_cancel_percent", self.late_cancel_percent, 0, 100),
            ("no_show_minutes", self.no_show_minutes, 0, 10_080),
        ];
        let mut found: Vec<Violation> =
            ranges.iter().filter(|(_, value, least, most)| !(least..=most).contains(&value)).map(|(field, _, l, m)| out_of_range(*field, *l, *m)).collect();
        let sound = |field: &str, found: &[Violation]| !found.iter().any(|v| v.field == field);
        if sound("grid_minutes", &found) && 1440 % self.grid_minutes != 0 {
            found.push(Violation::invalid("grid_minutes", "divides_no_day"));
        }
        if sound("min_minutes", &found) && sound("max_minutes", &found) && self.min_minutes > self.max_minutes {
            found.push(Violation::invalid("max_minutes", "below_minimum"));
        }
        if sound("notice_minutes", &found) && sound("horizon_days", &found) && self.notice_minutes > self.horizon_days * 1440 {
            found.push(Violation::invalid("notice_minutes", "beyond_horizon"));
        }
        found
    }

    /// The grid in seconds; at least a minute, whatever is stored.
    #[must_use]
    pub fn grid_seconds(&self) -> i64 {
        self.grid_minutes.max(1) * MINUTE
    }

    /// The buffer in seconds.
    #[must_use]
    pub const fn buffer_seconds(&self) -> i64 {
        self.buffer_minutes * MINUTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(policy: Policy) -> Vec<String> {
        policy.violations().into_iter().map(|v| v.field).collect()
    }

    #[test]
    fn the_default_policy_is_sound() {
        assert_eq!(Policy::default().violations(), []);
    }

    #[test]
    fn wrong_values_are_named_at_their_fields() {
        assert_eq!(wrong(Policy { grid_minutes: 7, min_minutes: 90, max_minutes: 60, ..Policy::default() }), ["grid_minutes", "max_minutes"]);
        assert_eq!(
            wrong(Policy { grid_minutes: 0, late_cancel_percent: 101, buffer_minutes: -1, horizon_days: i64::MAX, ..Policy::default() }),
            ["grid_minutes", "horizon_days", "buffer_minutes", "late_cancel_percent"]
        );
        assert_eq!(wrong(Policy { notice_minutes: 2 * 1440, horizon_days: 1, ..Policy::default() }), ["notice_minutes"]);
    }
}
