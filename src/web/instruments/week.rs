//! The week of an instrument as its onlooker may see it: what is free, taken, too soon, closed, and what was chosen.

use crate::base::time::{DAY, Day, Span};
use crate::domain::actors::Member;
use crate::domain::calendar::Calendar;
use crate::domain::roles::Side;
use crate::domain::slots::{Seen, SlotKind, Taken, Timetable, seen_by};
use crate::domain::spans::{union, without};
use crate::store::instruments::search::Rules;
use crate::store::slots::SlotLine;
use crate::web::shell::{Block, BlockKind, Page, Week};

/// What the week is drawn from.
pub struct Sketch<'a> {
    /// The page it stands on.
    pub page: &'a Page,
    /// Policy and hours.
    pub rules: &'a Rules,
    /// The days.
    pub calendar: &'a Calendar,
    /// Every live slot around the week.
    pub slots: Vec<SlotLine>,
    /// Whose the instrument is.
    pub institution_id: &'a str,
    /// Who looks.
    pub member: Option<&'a Member>,
    /// Whether it takes bookings.
    pub bookable: bool,
    /// What was chosen.
    pub picked: Option<Span>,
    /// The rest of the address of a free span, such as `&mode=self`.
    pub keep: &'a str,
}

/// The week that begins on a Monday.
pub fn draw(sketch: Sketch<'_>, monday: Day) -> Week {
    let Sketch { page, rules, calendar, slots, institution_id, member, bookable, picked, keep } = sketch;
    let (from_hour, to_hour) = hours_shown(rules);
    let mut week = Week::new(page, monday, from_hour, to_hour);
    let (now, window) = (page.now, week.span());
    let taken: Vec<Span> = slots.iter().map(SlotLine::span).collect();
    let table = Timetable { policy: &rules.policy, hours: &rules.opening, calendar, taken: &taken };
    let shown: Vec<Span> = window.days().map(|day| Span::new(day.at_minute(from_hour * 60), day.at_minute(to_hour * 60))).collect();
    let open = calendar.open_within(window, &rules.opening);
    let (earliest, latest) = (table.earliest_start(now), table.latest_start(now).plus(rules.policy.max_minutes * 60));
    // What lies before today is over, and what lies beyond the horizon is not open yet.
    let past = union([Span::new(window.starts_at, now.day().start().max(window.starts_at)), Span::new(latest.max(window.starts_at), window.ends_at)]);
    let open_now = without(&open, &past);
    put_all(&mut week, BlockKind::Closed, &without(&shown, &open_now));
    let busy = union(taken.iter().copied());
    let around = union(taken.iter().map(|span| span.widened(rules.policy.buffer_seconds())));
    let rest = without(&open_now, &around);
    let soon: Vec<Span> = rest.iter().filter_map(|span| span.clipped(Span::new(window.starts_at, earliest))).collect();
    let free = if bookable { table.free_spans(window, 0, now) } else { Vec::new() };
    // Holes too short for any booking look like the buffer.
    let gaps = without(&without(&without(&open_now, &busy), &union(soon.iter().copied())), &union(free.iter().copied()));
    put_all(&mut week, if bookable { BlockKind::Gap } else { BlockKind::Closed }, &gaps);
    put_all(&mut week, BlockKind::Soon, &soon);
    let picked_union: Vec<Span> = picked.into_iter().collect();
    for span in without(&free, &picked_union) {
        if let Some(wish) = wish(rules, span) {
            let (day, from, to) = address_of(wish);
            week.put(&Block { kind: BlockKind::Free, span, label: None, href: Some(format!("?on={day}&from={from}&to={to}{keep}#booking")) });
        }
    }
    let owner = member.is_some_and(|m| m.organisation_id == institution_id && m.side == Side::Institution);
    let customer = member.filter(|m| m.side == Side::Enterprise).map(|m| m.organisation_id.as_str());
    let taken = slots.into_iter().map(|slot| Taken { span: slot.span(), mine: customer.is_some() && slot.customer_id.as_deref() == customer, slot }).collect();
    for seen in seen_by(owner, taken, window, now, rules.policy.horizon_days) {
        week.put(&match seen {
            Seen::Occupied(span) => Block::new(BlockKind::Taken, span),
            Seen::Own(slot) => Block { href: booking_of(&slot), ..Block::new(BlockKind::Mine, slot.span()) },
            Seen::Known(slot) => Block { href: booking_of(&slot), ..Block::new(kind_of(slot.kind), slot.span()) },
        });
    }
    if let Some(span) = picked {
        week.put(&Block::new(BlockKind::Pick, span));
    }
    "#booking".clone_into(&mut week.into);
    week.grid_minutes = rules.policy.grid_minutes;
    if owner {
        week.legend = vec![BlockKind::Taken, BlockKind::Care, BlockKind::Broken, BlockKind::Gap, BlockKind::Soon, BlockKind::Closed];
        week.into.clear();
    }
    week
}

fn put_all(week: &mut Week, kind: BlockKind, spans: &[Span]) {
    for span in spans {
        week.put(&Block::new(kind, *span));
    }
}

const fn kind_of(kind: SlotKind) -> BlockKind {
    match kind {
        SlotKind::Maintenance => BlockKind::Care,
        SlotKind::Fault => BlockKind::Broken,
        _ => BlockKind::Taken,
    }
}

fn booking_of(slot: &SlotLine) -> Option<String> {
    slot.booking_id.as_ref().map(|id| format!("/bookings/{id}"))
}

/// From which full hour to which the week must reach for every opening span to be seen: at least eight of them.
fn hours_shown(rules: &Rules) -> (i64, i64) {
    let first = rules.opening.spans.iter().map(|span| span.opens_minute / 60).min().unwrap_or(8);
    let last = rules.opening.spans.iter().map(|span| (span.closes_minute + 59) / 60).max().unwrap_or(18);
    let (first, last) = (first.min(8), last.max(18));
    (first, (last + 1).min(24))
}

/// What is chosen when a free span is followed: two hours where they fit, else as long as can be.
pub fn wish(rules: &Rules, free: Span) -> Option<Span> {
    let policy = &rules.policy;
    let grid = policy.grid_seconds();
    let most = free.seconds().min(policy.max_minutes * 60) / grid * grid;
    let least = (policy.min_minutes * 60 + grid - 1) / grid * grid;
    let length = (2 * 3600 / grid * grid).max(least).min(most);
    // Across midnight a booking cannot be named by one day; the day's own part is.
    let span = Span::new(free.starts_at, free.starts_at.plus(length));
    let span = Span::new(span.starts_at, span.ends_at.min(free.starts_at.day().end()));
    (span.seconds() >= least && span.seconds() > 0).then_some(span)
}

/// Day and times of a span as the panel's fields hold them.
pub fn address_of(span: Span) -> (Day, String, String) {
    let day = span.starts_at.day();
    let minute = |seconds: i64| format!("{:02}:{:02}", seconds / 3600, seconds % 3600 / 60);
    let (from, to) = (span.starts_at.0 - day.start().0, span.ends_at.0 - day.start().0);
    (day, minute(from), minute(to.min(DAY)))
}
