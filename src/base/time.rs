//! Time: instants, local days and spans, the zone of the installation, and the only place that reads the clock.
//!
//! An [`Instant`] is whole Unix seconds (`_at`), a [`Day`] a local calendar day (`_on`); a [`Span`] is half-open.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Seconds in a minute, an hour, a day.
pub const MINUTE: i64 = 60;
/// See [`MINUTE`].
pub const HOUR: i64 = 3600;
/// See [`MINUTE`].
pub const DAY: i64 = 86_400;

static ZONE: OnceLock<TimeZone> = OnceLock::new();

/// Sets the zone of the installation (`YIQI_TIME_ZONE`). Called once at the start; later calls change nothing.
///
/// # Errors
/// When the name is no IANA zone.
pub fn set_zone(name: &str) -> Result<(), String> {
    let zone = TimeZone::get(name).map_err(|e| e.to_string())?;
    let _ = ZONE.set(zone);
    Ok(())
}

/// The zone in which days begin and people read the clock; Asia/Shanghai unless set.
pub fn zone() -> &'static TimeZone {
    ZONE.get_or_init(|| TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8))))
}

/// A moment: whole seconds since 1970-01-01T00:00Z. Shown with the offset of the installation's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// Reads RFC 3339 with an offset; none at all is an error, fractions of a second are cut off.
    ///
    /// # Errors
    /// A short reason when the text is no instant between the years 1970 and 9998.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let at: Timestamp = text.parse().map_err(|_| "not an RFC 3339 instant with an offset")?;
        let seconds = at.as_second();
        if (0..253_370_764_800).contains(&seconds) { Ok(Self(seconds)) } else { Err("out of range") }
    }

    /// The instant of a local wall-clock time such as `2026-10-14T09:00` (test data, forms).
    #[must_use]
    pub fn parse_local(text: &str) -> Option<Self> {
        let civil: jiff::civil::DateTime = text.trim().parse().ok()?;
        Some(Self(civil.to_zoned_datetime(zone().clone()).ok()?.timestamp().as_second()))
    }

    /// The instant in the zone of the installation.
    #[must_use]
    pub fn local(self) -> ZonedDateTime {
        Timestamp::from_second(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned_datetime(zone().clone())
    }

    /// The local day on which the instant lies.
    #[must_use]
    pub fn day(self) -> Day {
        Day(self.local().date())
    }

    /// Minutes since local midnight, 0 to 1439.
    #[must_use]
    pub fn minute_of_day(self) -> i64 {
        let local = self.local();
        i64::from(local.hour()) * 60 + i64::from(local.minute())
    }

    /// The instant `seconds` later (earlier when negative).
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.local().strftime("%Y-%m-%dT%H:%M:%S%:z"))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Instant {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for Instant {}

/// A local calendar day, stored and sent as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub Date);

impl Day {
    /// Reads `YYYY-MM-DD` between the years 1900 and 9998.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let day: Date = if plain { text.parse().ok()? } else { return None };
        (1900..9999).contains(&day.year()).then_some(Self(day))
    }

    /// A day from its parts; `None` when there is no such day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    /// Local midnight at which the day begins.
    #[must_use]
    pub fn start(self) -> Instant {
        Instant(self.0.to_zoned_datetime(zone().clone()).map_or(0, |z| z.timestamp().as_second()))
    }

    /// Local midnight at which the day ends.
    #[must_use]
    pub fn end(self) -> Instant {
        self.plus(1).start()
    }

    /// The day as a span of instants.
    #[must_use]
    pub fn span(self) -> Span {
        Span { starts_at: self.start(), ends_at: self.end() }
    }

    /// The instant at `minute` minutes after local midnight; 1440 is the next midnight.
    #[must_use]
    pub fn at_minute(self, minute: i64) -> Instant {
        if minute >= 1440 { self.end() } else { self.start().plus(minute * MINUTE) }
    }

    /// The day `days` later (earlier when negative).
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.checked_add(days.days()).unwrap_or(self.0))
    }

    /// 1 = Monday … 7 = Sunday (ISO 8601).
    #[must_use]
    pub fn weekday(self) -> i64 {
        i64::from(self.0.weekday().to_monday_one_offset())
    }

    /// Its month, as it is stored: `2026-10`.
    #[must_use]
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }

    /// The calendar year.
    #[must_use]
    pub fn year(self) -> i64 {
        i64::from(self.0.year())
    }

    /// The day as the number `YYYYMMDD`, for where a day must stand in a version.
    #[must_use]
    pub fn number(self) -> i64 {
        (self.year() * 100 + i64::from(self.0.month())) * 100 + i64::from(self.0.day())
    }

    /// The Monday of the ISO week in which the day lies.
    #[must_use]
    pub fn monday(self) -> Self {
        self.plus(1 - self.weekday())
    }

    /// Whether the day is a Saturday or a Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).ok_or_else(|| serde::de::Error::custom("not a day YYYY-MM-DD"))
    }
}

impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Date)))
            .into()
    }
}

impl utoipa::ToSchema for Day {}

impl sqlx::Type<sqlx::Any> for Day {
    fn type_info() -> <sqlx::Any as sqlx::Database>::TypeInfo {
        <str as sqlx::Type<sqlx::Any>>::type_info()
    }
    fn compatible(ty: &<sqlx::Any as sqlx::Database>::TypeInfo) -> bool {
        <str as sqlx::Type<sqlx::Any>>::compatible(ty)
    }
}

impl sqlx::Encode<'_, sqlx::Any> for Day {
    fn encode_by_ref(&self, buf: &mut <sqlx::Any as sqlx::Database>::ArgumentBuffer) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        <String as sqlx::Encode<'_, sqlx::Any>>::encode_by_ref(&self.to_string(), buf)
    }
}

impl sqlx::Decode<'_, sqlx::Any> for Day {
    fn decode(value: <sqlx::Any as sqlx::Database>::ValueRef<'_>) -> Result<Self, sqlx::error::BoxDynError> {
        let text = <String as sqlx::Decode<'_, sqlx::Any>>::decode(value)?;
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no day").into())
    }
}

/// A half-open interval `[starts_at, ends_at)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Span {
    /// First second that belongs to it.
    pub starts_at: Instant,
    /// First second after it.
    pub ends_at: Instant,
}

impl Span {
    /// A span of two instants; empty or reversed ones are allowed and overlap nothing.
    #[must_use]
    pub const fn new(starts_at: Instant, ends_at: Instant) -> Self {
        Self { starts_at, ends_at }
    }

    /// Length in seconds, 0 for a reversed one.
    #[must_use]
    pub fn seconds(self) -> i64 {
        (self.ends_at.0 - self.starts_at.0).max(0)
    }

    /// Whether two spans share a second. Touching is not overlapping.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }

    /// The part of the span inside `window`, or `None`.
    #[must_use]
    pub fn clipped(self, window: Self) -> Option<Self> {
        let clip = Self::new(self.starts_at.max(window.starts_at), self.ends_at.min(window.ends_at));
        (clip.starts_at < clip.ends_at).then_some(clip)
    }

    /// The span with `seconds` added on both sides.
    #[must_use]
    pub fn widened(self, seconds: i64) -> Self {
        Self::new(self.starts_at.plus(-seconds), self.ends_at.plus(seconds))
    }

    /// Every local day that the span touches.
    pub fn days(self) -> impl Iterator<Item = Day> {
        let last = self.ends_at.plus(-1).max(self.starts_at).day();
        std::iter::successors(Some(self.starts_at.day()), |day| Some(day.plus(1))).take_while(move |day| *day <= last)
    }
}

/// Where "now" comes from. Read once per request, job run or command.
#[derive(Debug)]
pub enum Clock {
    /// The system's clock, moved by a number of seconds (0 but under `--clock`).
    System {
        /// Seconds added to the system's clock.
        ahead: i64,
    },
    /// A clock that stands still until it is moved: tests.
    Fixed(AtomicI64),
}

impl Clock {
    /// The system's clock as it is.
    #[must_use]
    pub const fn system() -> Self {
        Self::System { ahead: 0 }
    }

    /// The system's clock moved by a number of seconds.
    #[must_use]
    pub const fn ahead(seconds: i64) -> Self {
        Self::System { ahead: seconds }
    }

    /// By how many seconds the system's clock is moved; 0 for one that stands still.
    #[must_use]
    pub const fn seconds_ahead(&self) -> i64 {
        match self {
            Self::System { ahead } => *ahead,
            Self::Fixed(_) => 0,
        }
    }

    /// A clock that starts at `instant` and runs on from there (`--clock`).
    #[must_use]
    pub fn starting_at(instant: Instant) -> Self {
        Self::System { ahead: instant.0 - system_seconds() }
    }

    /// A clock that stands at `instant`.
    #[must_use]
    pub const fn fixed(instant: Instant) -> Self {
        Self::Fixed(AtomicI64::new(instant.0))
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        match self {
            Self::System { ahead } => Instant(system_seconds() + ahead),
            Self::Fixed(at) => Instant(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock to `instant`; the system's clock stays as it is.
    pub fn set(&self, instant: Instant) {
        if let Self::Fixed(at) = self {
            at.store(instant.0, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn system_seconds() -> i64 {
    Timestamp::now().as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_needs_an_offset_and_honours_it() {
        assert!(Instant::parse("2026-10-14T09:00:00").is_err());
        let at = Instant::parse("2026-10-14T01:00:00Z").unwrap();
        assert_eq!(at.to_string(), "2026-10-14T09:00:00+08:00");
        assert_eq!(Instant::parse_local("2026-10-14T09:00"), Some(at));
    }

    #[test]
    fn days_begin_at_local_midnight() {
        let day = Day::parse("2026-10-14").unwrap();
        assert_eq!(day.start().to_string(), "2026-10-14T00:00:00+08:00");
        assert_eq!((day.weekday(), day.at_minute(1440)), (3, day.plus(1).start()));
        assert_eq!(Span::new(day.at_minute(1380), day.plus(1).at_minute(60)).days().count(), 2);
        assert_eq!(day.span().days().count(), 1);
        assert!(Day::parse("2026-1-4").is_none() && Day::parse("2026-02-30").is_none());
    }

    #[test]
    fn touching_spans_do_not_overlap() {
        let day = Day::parse("2026-10-14").unwrap();
        let (a, b) = (Span::new(day.at_minute(0), day.at_minute(60)), Span::new(day.at_minute(60), day.at_minute(90)));
        assert!(!a.overlaps(b) && a.widened(1).overlaps(b));
    }
}
