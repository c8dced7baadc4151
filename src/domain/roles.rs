//! Who may do what, on one screen (contract.md, table of roles). Everything here is further bounded by the organisation acted for.

use crate::words;

words! {
    /// In what capacity an organisation takes part (参与方).
    pub enum Side {
        /// 服务单位: owns instruments.
        Institution = "institution",
        /// 科技型中小企业: books time.
        Enterprise = "enterprise",
        /// 科技局: grants, reviews, measures.
        Bureau = "bureau",
        /// 平台运维: runs the platform.
        Platform = "platform",
    }
}

words! {
    /// What a person is within an organisation and side.
    pub enum Role {
        /// May do what any role of the same side may, and manages its people.
        Admin = "admin",
        /// 仪器管理员.
        Manager = "manager",
        /// 机组人员.
        Operator = "operator",
        /// Money, of an institution or an enterprise.
        Finance = "finance",
        /// Books for an enterprise.
        Booker = "booker",
        /// 科技局经办.
        Officer = "officer",
        /// 审核.
        Reviewer = "reviewer",
        /// 审计.
        Auditor = "auditor",
        /// 平台运维.
        Ops = "ops",
    }
}

impl Role {
    /// The side to which a role belongs by itself; `None` where it exists on several (`admin`, `finance`).
    #[must_use]
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Admin | Self::Finance => None,
            Self::Manager | Self::Operator => Some(Side::Institution),
            Self::Booker => Some(Side::Enterprise),
            Self::Officer | Self::Reviewer | Self::Auditor => Some(Side::Bureau),
            Self::Ops => Some(Side::Platform),
        }
    }

    /// Whether the role exists on a side.
    #[must_use]
    pub fn fits(self, side: Side) -> bool {
        match self {
            Self::Admin => true,
            Self::Finance => matches!(side, Side::Institution | Side::Enterprise),
            role => role.side() == Some(side),
        }
    }
}

/// What can be done. One verb may serve several routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Quote, book, cancel as a customer; check in and out of one's own booking.
    Book,
    /// Read the bookings of one's enterprise.
    ReadOwnBookings,
    /// Confirm or dispute a statement.
    AnswerStatement,
    /// Upload files; file, amend, withdraw claims; read one's vouchers and ledger.
    Claim,
    /// Apply for vouchers and return them.
    ManageVouchers,
    /// Read the bookings and the use of one's institution.
    ReadLab,
    /// Check in and out for a customer, record use, make and remove slots.
    RunInstruments,
    /// Instruments, prices, policy; approve, decline, cancel, undo no-shows; void use.
    ManageInstruments,
    /// Issue statements.
    IssueStatements,
    /// Openness of one's own institution.
    ReadOwnOpenness,
    /// Openness of all, in detail.
    ReadAllOpenness,
    /// Read claims.
    ReadClaims,
    /// Decide on claims.
    ReviewClaims,
    /// Organisations, programmes, applications; pay and claw back.
    RunProgrammes,
    /// Read the voucher ledger of any enterprise.
    ReadLedger,
    /// Read the audit records of one's bureau.
    ReadAudit,
    /// Jobs, outbox, health.
    Operate,
    /// The people of one's organisation: invite, change roles, remove.
    ManagePeople,
    /// Bank account and invoice details of one's organisation.
    ManageAccount,
}

/// Whether a role of a side may do something.
#[must_use]
pub fn may(side: Side, role: Role, verb: Verb) -> bool {
    use Role::{Admin, Auditor, Booker, Finance, Manager, Officer, Operator, Ops, Reviewer};
    use Verb::{
        AnswerStatement, Book, Claim, IssueStatements, ManageAccount, ManageInstruments, ManagePeople, ManageVouchers, Operate, ReadAllOpenness, ReadAudit,
        ReadClaims, ReadLab, ReadLedger, ReadOwnBookings, ReadOwnOpenness, ReviewClaims, RunInstruments, RunProgrammes,
    };
    let roles: &[Role] = match (side, verb) {
        (Side::Enterprise, Book) => &[Admin, Booker],
        (Side::Enterprise, ReadOwnBookings | AnswerStatement | Claim) => &[Admin, Booker, Finance],
        (Side::Enterprise, ManageVouchers) => &[Admin, Finance],
        (Side::Institution, ReadLab) => &[Admin, Manager, Operator, Finance],
        (Side::Institution, RunInstruments) => &[Admin, Manager, Operator],
        (Side::Institution, ManageInstruments) => &[Admin, Manager],
        (Side::Institution, IssueStatements | ReadOwnOpenness) => &[Admin, Manager, Finance],
        (Side::Bureau, ReadAllOpenness | ReadClaims) => &[Admin, Officer, Reviewer, Auditor],
        (Side::Bureau, ReviewClaims) => &[Admin, Officer, Reviewer],
        (Side::Bureau, RunProgrammes) => &[Admin, Officer],
        (Side::Bureau, ReadLedger) => &[Admin, Officer, Reviewer, Auditor],
        (Side::Bureau, ReadAudit) => &[Admin, Auditor],
        (Side::Platform, Operate) => &[Admin, Ops],
        (_, ManagePeople) => &[Admin],
        (Side::Institution | Side::Enterprise, ManageAccount) => &[Admin, Finance],
        _ => &[],
    };
    roles.contains(&role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_may_what_any_role_of_the_side_may() {
        use Verb::*;
        for verb in [
            Book,
            ReadOwnBookings,
            AnswerStatement,
            Claim,
            ManageVouchers,
            ReadLab,
            RunInstruments,
            ManageInstruments,
            IssueStatements,
            ReadOwnOpenness,
            ReadAllOpenness,
            ReadClaims,
            ReviewClaims,
            RunProgrammes,
            ReadLedger,
            ReadAudit,
            Operate,
            ManagePeople,
            ManageAccount,
        ] {
            for side in Side::ALL {
                if Role::ALL.iter().any(|role| may(*side, *role, verb)) {
                    assert!(may(*side, Role::Admin, verb), "{side} {verb:?}");
                }
            }
        }
    }

    #[test]
    fn an_auditor_writes_nothing_and_ops_sees_no_business() {
        for verb in [Verb::ReviewClaims, Verb::RunProgrammes, Verb::ManageVouchers] {
            assert!(!may(Side::Bureau, Role::Auditor, verb));
        }
        for verb in [Verb::ReadClaims, Verb::ReadLab, Verb::ReadLedger, Verb::ReadOwnBookings, Verb::ReadAllOpenness] {
            assert!(!may(Side::Platform, Role::Ops, verb));
        }
    }
}
