//! What stands in the header: for each role the places it works in, and nothing it may not open (contract.md, Pages).

use crate::domain::roles::{Role, Side, Verb, may};

/// One place in the header's navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// The key of its name in `assets/text`.
    pub key: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether the page shown belongs to it.
    pub current: bool,
    /// How much waits there; 0 shows nothing.
    pub count: i64,
}

type Place = (&'static str, &'static str, Verb);

/// The people of the organisation, for its admin.
const MEMBERS: Place = ("nav-members", "/members", Verb::ManagePeople);
const ENTERPRISE: &[Place] = &[("nav-bookings", "/bookings", Verb::ReadOwnBookings), ("nav-vouchers", "/vouchers", Verb::Claim), MEMBERS];
const LAB: &[Place] = &[
    ("nav-lab-today", "/lab", Verb::ReadLab),
    ("nav-lab-instruments", "/lab/instruments", Verb::ManageInstruments),
    ("nav-lab-requests", "/lab/requests", Verb::ReadLab),
    ("nav-lab-use", "/lab/use", Verb::ReadLab),
    ("nav-lab-statements", "/lab/statements", Verb::IssueStatements),
    ("nav-lab-openness", "/lab/openness", Verb::ReadOwnOpenness),
    MEMBERS,
];
const BUREAU: &[Place] = &[
    ("nav-bureau-waiting", "/bureau", Verb::ReadClaims),
    ("nav-bureau-claims", "/bureau/claims", Verb::ReadClaims),
    ("nav-bureau-vouchers", "/bureau/vouchers", Verb::ReadLedger),
    ("nav-bureau-parties", "/bureau/parties", Verb::RunProgrammes),
    ("nav-bureau-openness", "/bureau/openness", Verb::ReadAllOpenness),
    ("nav-bureau-registrations", "/bureau/registrations", Verb::RunProgrammes),
    ("nav-bureau-audit", "/bureau/audit", Verb::ReadAudit),
    MEMBERS,
];
const OPS: &[Place] =
    &[("nav-ops-jobs", "/ops", Verb::Operate), ("nav-ops-outbox", "/ops/outbox", Verb::Operate), ("nav-ops-health", "/ops/health", Verb::Operate), MEMBERS];

impl NavItem {
    /// The places of a membership, in order; of a stranger (`None`) the catalogue. `path` is the page shown: the place with the
    /// longest address that begins it is marked as current.
    #[must_use]
    pub fn places(acting: Option<(Side, Role)>, path: &str) -> Vec<Self> {
        let mut items = vec![Self { key: "nav-catalogue", href: "/", current: false, count: 0 }];
        if let Some((side, role)) = acting {
            let places = match side {
                Side::Enterprise => ENTERPRISE,
                Side::Institution => LAB,
                Side::Bureau => BUREAU,
                Side::Platform => OPS,
            };
            if side != Side::Enterprise {
                items.clear();
            }
            items.extend(places.iter().filter(|place| may(side, role, place.2)).map(|&(key, href, _)| Self { key, href, current: false, count: 0 }));
            if side != Side::Enterprise {
                items.push(Self { key: "nav-catalogue", href: "/", current: false, count: 0 });
            }
        }
        let here = items.iter().filter(|item| item.covers(path)).map(|item| item.href).max_by_key(|href| href.len());
        for item in &mut items {
            item.current = Some(item.href) == here;
        }
        items
    }

    fn covers(&self, path: &str) -> bool {
        match self.href {
            "/" => path == "/" || path.starts_with("/instruments"),
            href => path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current(acting: Option<(Side, Role)>, path: &str) -> Option<&'static str> {
        NavItem::places(acting, path).into_iter().find(|item| item.current).map(|item| item.href)
    }

    #[test]
    fn the_longest_address_is_where_one_is() {
        let manager = Some((Side::Institution, Role::Manager));
        assert_eq!(current(manager, "/lab"), Some("/lab"));
        assert_eq!(current(manager, "/lab/use/2026-10"), Some("/lab/use"));
        assert_eq!(current(manager, "/laboratory"), None);
        assert_eq!(current(None, "/instruments/1"), Some("/"));
    }

    #[test]
    fn nobody_is_led_where_they_may_not_go() {
        let operator = NavItem::places(Some((Side::Institution, Role::Operator)), "/lab");
        assert!(operator.iter().all(|item| item.href != "/lab/statements" && item.href != "/lab/openness"));
        let ops = NavItem::places(Some((Side::Platform, Role::Ops)), "/ops");
        assert!(ops.iter().all(|item| item.href == "/" || item.href.starts_with("/ops") || item.href == "/members"));
    }
}
