//! What is still free: spans in which a booking would break no rule of time (grid, length, notice, horizon, opening hours, buffer).
//!
//! Whether the instrument is published and priced is asked elsewhere, in `bookings::judge`.

use crate::base::time::{DAY, Instant, MINUTE, Span};
use crate::domain::calendar::Calendar;
use crate::domain::instruments::hours::OpeningHours;
use crate::domain::instruments::policy::Policy;
use crate::domain::spans::{union, without};

/// All that says when an instrument can be had.
#[derive(Debug, Clone, Copy)]
pub struct Timetable<'a> {
    /// Its booking policy.
    pub policy: &'a Policy,
    /// Its opening hours.
    pub hours: &'a OpeningHours,
    /// The calendar of days.
    pub calendar: &'a Calendar,
    /// The spans of its live slots, in any order, at least those that lie within the buffer of the window that is asked about.
    pub taken: &'a [Span],
}

impl Timetable<'_> {
    /// Whether an instant falls on the grid, counted from its local midnight.
    #[must_use]
    pub fn is_on_grid(&self, at: Instant) -> bool {
        self.grid_floor(at) == at
    }

    /// The last instant of the grid that is not after `at`.
    #[must_use]
    pub fn grid_floor(&self, at: Instant) -> Instant {
        let midnight = at.day().start();
        midnight.plus((at.0 - midnight.0).div_euclid(self.policy.grid_seconds()) * self.policy.grid_seconds())
    }

    /// The first instant of the grid that is not before `at`.
    #[must_use]
    pub fn grid_ceil(&self, at: Instant) -> Instant {
        let floor = self.grid_floor(at);
        if floor == at { at } else { floor.plus(self.policy.grid_seconds()).min(at.day().end()) }
    }

    /// The instant of the grid nearest to `at`, the earlier one on a tie.
    #[must_use]
    pub fn grid_round(&self, at: Instant) -> Instant {
        let (below, above) = (self.grid_floor(at), self.grid_ceil(at));
        if above.0 - at.0 < at.0 - below.0 { above } else { below }
    }

    /// The first start that keeps the notice, on the grid.
    #[must_use]
    pub fn earliest_start(&self, now: Instant) -> Instant {
        self.grid_ceil(now.plus(self.policy.notice_minutes * MINUTE))
    }

    /// The last start within the horizon, on the grid.
    #[must_use]
    pub fn latest_start(&self, now: Instant) -> Instant {
        self.grid_floor(now.plus(self.policy.horizon_days * DAY))
    }

    /// The length that a booking of at least `minutes` needs: not below the shortest allowed, a whole number of grid steps; `None`
    /// when that is longer than the longest allowed.
    #[must_use]
    pub fn needed_seconds(&self, minutes: i64) -> Option<i64> {
        let grid = self.policy.grid_minutes.max(1);
        let whole = |least: i64| least.max(1).saturating_add(grid - 1) / grid * grid;
        let needed = whole(minutes.max(self.policy.min_minutes));
        (needed <= self.policy.max_minutes).then_some(needed * MINUTE)
    }

    /// The spans within `window` in which every booking of at least `minutes` on the grid, of allowed length, breaks no rule of time.
    /// They are as long as can be, sorted, and each has room for `minutes`. Empty where no booking may be that long.
    #[must_use]
    pub fn free_spans(&self, window: Span, minutes: i64, now: Instant) -> Vec<Span> {
        let Some(needed) = self.needed_seconds(minutes) else { return Vec::new() };
        let reach = Span::new(self.earliest_start(now), self.latest_start(now).plus(needed));
        let Some(window) = window.clipped(reach) else { return Vec::new() };
        let open = self.calendar.open_within(window, self.hours);
        let around = window.widened(self.policy.buffer_seconds());
        let near = self.taken.iter().filter(|span| span.overlaps(around));
        let taken = union(near.map(|span| span.widened(self.policy.buffer_seconds())));
        let on_grid = |span: &Span| Span::new(self.grid_ceil(span.starts_at), self.grid_floor(span.ends_at));
        without(&open, &taken).iter().map(on_grid).filter(|span| span.seconds() >= needed).collect()
    }

    /// The first instant at which the shortest allowed booking can start; `None` when nothing is free up to the horizon.
    #[must_use]
    pub fn next_free(&self, now: Instant) -> Option<Instant> {
        self.first_free(0, now).map(|span| span.starts_at)
    }

    /// The first span in which a booking of at least `minutes` has room, as long as it can be seen; `None` when there is none up to the horizon.
    #[must_use]
    pub fn first_free(&self, minutes: i64, now: Instant) -> Option<Span> {
        let (from, to) = (self.earliest_start(now), self.latest_start(now).plus(self.needed_seconds(minutes)?));
        // Most instruments are free within days; only the others pay for a look up to the horizon.
        let windows = [Span::new(from, to.min(from.plus(8 * DAY))), Span::new(from, to)];
        windows.iter().find_map(|window| self.free_spans(*window, minutes, now).first().copied())
    }
}
