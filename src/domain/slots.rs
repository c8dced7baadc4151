//! Slots (占用时段): everything that takes an instrument's time (rules.md section 3).

use crate::words;

words! {
    /// What takes the time.
    pub enum SlotKind {
        /// 预约.
        Booking = "booking",
        /// 维护.
        Maintenance = "maintenance",
        /// 故障.
        Fault = "fault",
        /// 停机.
        Closure = "closure",
        /// 校内使用.
        Internal = "internal",
        /// 外部日历.
        Imported = "imported",
    }
}

impl SlotKind {
    /// Whether staff make and remove it by hand.
    #[must_use]
    pub const fn is_made_by_staff(self) -> bool {
        matches!(self, Self::Maintenance | Self::Fault | Self::Closure | Self::Internal)
    }
}
