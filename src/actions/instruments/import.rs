//! Rows of a table of instruments: entered when their number is new, changed when they say something else, else left alone.

use crate::actions::{Act, Error, Outcome, instruments};
use crate::domain::instruments::{Funding, Kind, ListingChange, Mode, State};
use crate::domain::refusals::{Refusal, Violation};
use crate::store::Tx;
use crate::store::instruments::listings;
use crate::store::organisations::Party;

/// What came of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A draft was made.
    Created,
    /// Something of it was changed.
    Changed,
    /// It stands as the row says.
    Unchanged,
    /// Nothing was done, for these reasons.
    Refused(Vec<Violation>),
}

/// Fields that a new instrument takes from elsewhere where the table has none: one day from the other, the institution's address, machine
/// time with an operator, public money, an instrument.
fn completed(change: &ListingChange, institution: &Party) -> ListingChange {
    let address = if institution.address.trim().is_empty() { &institution.name } else { &institution.address };
    ListingChange {
        accepted_on: change.accepted_on.or(change.commissioned_on),
        commissioned_on: change.commissioned_on.or(change.accepted_on),
        location: change.location.clone().or_else(|| Some(address.clone())),
        modes: change.modes.clone().or_else(|| Some(vec![Mode::Operator])),
        funding: change.funding.or(Some(Funding::Public)),
        kind: change.kind.or(Some(Kind::Instrument)),
        ..change.clone()
    }
}

/// Takes a row in; with `write` false it is only judged.
///
/// # Errors
/// The store's; what is wrong with the row is [`Row::Refused`].
pub async fn take_row(tx: &mut Tx<'_>, act: &Act, institution: &Party, change: &ListingChange, write: bool) -> Outcome<Row> {
    let Some(number) = change.number.as_deref() else { return Ok(Row::Refused(vec![Violation::required("number")])) };
    let taken = match listings::find_by_number(tx, &institution.id, number).await? {
        None => enter(tx, act, institution, change, write).await,
        Some(there) => {
            let listing = change.over(there.listing());
            if listing == there.listing() {
                return Ok(Row::Unchanged);
            }
            if there.state == State::Retired {
                return Ok(Row::Refused(vec![Violation::invalid("number", "retired")]));
            }
            match Refusal::unless_empty(listing.violations()) {
                Ok(()) if write => instruments::change(tx, act, &institution.id, &there.id, change).await.map(|_| Row::Changed),
                Ok(()) => Ok(Row::Changed),
                Err(refusal) => Err(refusal.into()),
            }
        }
    };
    match taken {
        Err(Error::Refused(Refusal::Rules { violations, .. })) => Ok(Row::Refused(violations)),
        other => other,
    }
}

async fn enter(tx: &mut Tx<'_>, act: &Act, institution: &Party, change: &ListingChange, write: bool) -> Outcome<Row> {
    let listing = match completed(change, institution).whole() {
        Ok(listing) => listing,
        Err(violations) => return Ok(Row::Refused(violations)),
    };
    Refusal::unless_empty(listing.violations())?;
    if write {
        instruments::create(tx, act, &institution.id, &listing, None).await?;
    }
    Ok(Row::Created)
}
