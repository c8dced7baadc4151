//! Who sees a booking, and how much of it (rules.md section 1, contract.md): the enterprise that placed it and the institution that
//! owned the instrument at its start; nobody else. The bureau sees it only through a claim.

use crate::domain::actors::Member;
use crate::domain::roles::{Role, Side, Verb};

/// Between whom a booking is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parties<'a> {
    /// The enterprise.
    pub customer_id: &'a str,
    /// The institution.
    pub institution_id: &'a str,
    /// Whether it is marked confidential (保密).
    pub confidential: bool,
}

impl Parties<'_> {
    /// From which side a member looks at the booking; `None` when there is no booking for them.
    #[must_use]
    pub fn side_of(&self, member: &Member) -> Option<Side> {
        match member.side {
            Side::Enterprise if member.organisation_id == self.customer_id && member.may(Verb::ReadOwnBookings) => Some(Side::Enterprise),
            Side::Institution if member.organisation_id == self.institution_id && member.may(Verb::ReadLab) => Some(Side::Institution),
            _ => None,
        }
    }

    /// Whether a member who sees the booking also sees what it is for: everybody of the enterprise; inside the institution, of a
    /// confidential one, only managers and admins (assigned operators wait for an issue).
    #[must_use]
    pub fn shows_purpose(&self, member: &Member) -> bool {
        match self.side_of(member) {
            Some(Side::Enterprise) => true,
            Some(_) => !self.confidential || sees_confidential(member),
            None => false,
        }
    }
}

/// Whether a member of the institution that a confidential booking is with sees what it is for, and its samples.
#[must_use]
pub fn sees_confidential(member: &Member) -> bool {
    member.side == Side::Institution && matches!(member.role, Role::Manager | Role::Admin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(organisation: &str, side: Side, role: Role) -> Member {
        let text = |t: &str| t.to_owned();
        Member {
            membership_id: text("m"),
            person_id: text("p"),
            person_name: text("n"),
            organisation_id: text(organisation),
            uscc: text("u"),
            organisation_name: text("o"),
            side,
            role,
        }
    }

    #[test]
    fn a_booking_is_between_two_and_nobody_else() {
        let parties = Parties { customer_id: "firm", institution_id: "lab", confidential: true };
        for (organisation, side, role, sees, purpose) in [
            ("firm", Side::Enterprise, Role::Finance, true, true),
            ("lab", Side::Institution, Role::Manager, true, true),
            ("lab", Side::Institution, Role::Admin, true, true),
            ("lab", Side::Institution, Role::Operator, true, false),
            ("lab", Side::Institution, Role::Finance, true, false),
            ("lab", Side::Enterprise, Role::Booker, false, false),
            ("other", Side::Institution, Role::Manager, false, false),
            ("firm", Side::Bureau, Role::Officer, false, false),
            ("other", Side::Platform, Role::Ops, false, false),
        ] {
            let member = member(organisation, side, role);
            assert_eq!((parties.side_of(&member).is_some(), parties.shows_purpose(&member)), (sees, purpose), "{organisation} {side} {role}");
        }
    }
}
