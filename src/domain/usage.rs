//! Use (机时记录): what the machine did, in segments; what a segment must say to be taken (rules.md section 5).
//!
//! Booked time is not used time. A wrong segment is voided and entered anew, never edited. How hours are counted from segments is in
//! `openness`, their unions in `spans`.

use sha2::{Digest, Sha256};

use crate::base::text::{hex, is_clean};
use crate::base::time::{DAY, Instant, MINUTE, Span};
use crate::base::uscc::Uscc;
use crate::domain::instruments::out_of_range;
use crate::domain::refusals::Violation;
use crate::domain::vouchers::{PurposeKind, eligible_purpose};
use crate::words;

words! {
    /// What the machine was doing (阶段).
    pub enum Phase {
        /// 开机准备.
        Startup = "startup",
        /// 运行.
        Run = "run",
        /// 后处理.
        Postprocess = "postprocess",
        /// 维护.
        Maintenance = "maintenance",
        /// 培训.
        Training = "training",
        /// 故障.
        Fault = "fault",
    }
}

impl Phase {
    /// Whether it counts as effective hours (有效机时) and is charged.
    #[must_use]
    pub const fn is_effective(self) -> bool {
        matches!(self, Self::Startup | Self::Run | Self::Postprocess)
    }

    /// Whether it counts as down time.
    #[must_use]
    pub const fn is_down(self) -> bool {
        matches!(self, Self::Maintenance | Self::Fault)
    }
}

words! {
    /// How it is known (数据来源).
    pub enum Source {
        /// 电能监测.
        Meter = "meter",
        /// 刷卡.
        Card = "card",
        /// 扫码.
        Qr = "qr",
        /// 采集程序.
        Agent = "agent",
        /// 人工登记.
        Staff = "staff",
        /// 批量导入.
        Import = "import",
    }
}

/// The most segments of one delivery.
pub const MOST_SEGMENTS: usize = 10_000;
/// The longest key.
pub const MOST_KEY_CHARACTERS: usize = 200;
/// The longest segment, in days.
pub const MOST_DAYS: i64 = 31;
/// How far in the future a segment may end: clocks of machines go wrong a little.
pub const FUTURE_SECONDS: i64 = 5 * MINUTE;

/// A segment as it is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Chosen by the client; unique per instrument for ever.
    pub key: String,
    /// What the machine was doing.
    pub phase: Phase,
    /// When.
    pub span: Span,
    /// For whom; `None` for internal use. A valid USCC that is no party here counts as an external organisation.
    pub organisation_uscc: Option<String>,
    /// For which booking.
    pub booking_code: Option<String>,
    /// What for; without it the booking's purpose counts, else `research`.
    pub purpose_kind: Option<PurposeKind>,
    /// How many samples.
    pub samples: Option<i64>,
    /// How it is known.
    pub source: Source,
}

impl Segment {
    /// Everything wrong with it by itself. Overlaps are no fault, nor is any phase for any organisation.
    #[must_use]
    pub fn violations(&self, now: Instant) -> Vec<Violation> {
        let mut found = Vec::new();
        if self.key.trim().is_empty() {
            found.push(Violation::required("key"));
        } else if self.key.chars().count() > MOST_KEY_CHARACTERS {
            found.push(Violation::invalid("key", "too_many_characters").with("most", MOST_KEY_CHARACTERS));
        } else if !is_clean(&self.key) {
            found.push(Violation::invalid("key", "control_characters"));
        }
        if self.span.ends_at <= self.span.starts_at {
            found.push(Violation::invalid("ends_at", "reversed"));
        } else if self.span.seconds() > MOST_DAYS * DAY {
            found.push(Violation::invalid("ends_at", "too_long").with("most_days", MOST_DAYS));
        }
        if self.span.ends_at > now.plus(FUTURE_SECONDS) {
            found.push(Violation::invalid("ends_at", "in_the_future"));
        }
        if let Some(Err(error)) = self.organisation_uscc.as_deref().map(Uscc::parse) {
            found.push(Violation::uscc("organisation_uscc", error));
        }
        if self.samples.is_some_and(|samples| !(0..=1_000_000).contains(&samples)) {
            found.push(out_of_range("samples", 0, 1_000_000));
        }
        found
    }

    /// The content in one canonical text, without the key: the same key with the same content is a duplicate, with other content it is
    /// refused `key_reused`. Spelling of codes and the offset of instants do not matter.
    #[must_use]
    pub fn content(&self) -> String {
        let uscc = self.organisation_uscc.as_deref().map(|text| Uscc::parse(text).map_or_else(|_| text.trim().to_owned(), |uscc| uscc.to_string()));
        let fields = [
            self.phase.to_string(),
            self.span.starts_at.0.to_string(),
            self.span.ends_at.0.to_string(),
            uscc.unwrap_or_default(),
            self.booking_code.as_deref().unwrap_or("").trim().to_ascii_uppercase(),
            self.purpose_kind.map_or("", PurposeKind::as_str).to_owned(),
            self.samples.map(|samples| samples.to_string()).unwrap_or_default(),
            self.source.to_string(),
        ];
        fields.join("\n")
    }

    /// SHA-256 of [`Segment::content`] in hexadecimal.
    #[must_use]
    pub fn content_hash(&self) -> String {
        hex(&Sha256::digest(self.content().as_bytes()))
    }
}

/// The purpose that counts: the segment's own, else the booking's, else `research`.
#[must_use]
pub fn purpose_of(own: Option<PurposeKind>, booking: Option<PurposeKind>) -> PurposeKind {
    own.or(booking).unwrap_or(PurposeKind::Research)
}

/// The key of the segment that check-out writes.
#[must_use]
pub fn check_in_key(booking_code: &str) -> String {
    format!("checkin:{booking_code}")
}

/// Whether use counts as external (对外服务): for an organisation outside of the owner and unrelated to it, for an eligible purpose.
/// `organisation_uscc` is `None` for internal use.
#[must_use]
pub fn is_external(organisation_uscc: Option<&str>, owner_uscc: &str, related: bool, purpose: PurposeKind) -> bool {
    organisation_uscc.is_some_and(|uscc| uscc != owner_uscc) && !related && eligible_purpose(purpose)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_800_000_000);

    fn segment() -> Segment {
        Segment {
            key: "agent-1".into(),
            phase: Phase::Run,
            span: Span::new(NOW.plus(-3600), NOW.plus(FUTURE_SECONDS)),
            organisation_uscc: Some("91350100m000100y43".into()),
            booking_code: None,
            purpose_kind: None,
            samples: Some(3),
            source: Source::Agent,
        }
    }

    fn fields(segment: &Segment) -> Vec<String> {
        segment.violations(NOW).into_iter().map(|v| v.field).collect()
    }

    #[test]
    fn a_segment_is_taken_up_to_its_limits() {
        assert!(fields(&segment()).is_empty());
        let long = Segment { span: Span::new(NOW.plus(-MOST_DAYS * DAY), NOW), key: "钥".repeat(200), ..segment() };
        assert!(fields(&long).is_empty());
    }

    #[test]
    fn everything_wrong_with_a_segment_is_named() {
        let wrong = Segment { key: " ".into(), organisation_uscc: Some("1".into()), samples: Some(-1), ..segment() };
        assert_eq!(fields(&wrong), ["key", "organisation_uscc", "samples"]);
        assert_eq!(fields(&Segment { span: Span::new(NOW, NOW), key: "a\u{7}".into(), ..segment() }), ["key", "ends_at"]);
        assert_eq!(fields(&Segment { span: Span::new(NOW.plus(-MOST_DAYS * DAY), NOW.plus(FUTURE_SECONDS + 1)), ..segment() }), ["ends_at", "ends_at"]);
    }

    #[test]
    fn the_same_content_in_another_spelling_is_the_same() {
        let again = Segment { organisation_uscc: Some(" 91350100M000100Y43".into()), key: "other".into(), ..segment() };
        assert_eq!(segment().content_hash(), again.content_hash());
        assert_ne!(segment().content_hash(), Segment { samples: None, ..segment() }.content_hash());
        assert_ne!(segment().content_hash(), Segment { source: Source::Staff, ..segment() }.content_hash());
    }

    #[test]
    fn external_is_outside_unrelated_and_eligible() {
        assert!(is_external(Some("a"), "b", false, PurposeKind::Inspection));
        assert!(!is_external(None, "b", false, PurposeKind::Research));
        assert!(!is_external(Some("b"), "b", false, PurposeKind::Research));
        assert!(!is_external(Some("a"), "b", true, PurposeKind::Research));
        assert!(!is_external(Some("a"), "b", false, PurposeKind::Medical));
    }
}
