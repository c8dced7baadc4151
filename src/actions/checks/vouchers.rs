//! The proof of the vouchers: every purse is the fold of its ledger, holds and claims add up, budgets are kept.

use std::collections::BTreeMap;

use sqlx::AnyConnection;

use super::super::Outcome;
use crate::base::time::Day;
use crate::domain::vouchers::{Account, Movement, Purse};
use crate::store::proofs::{self, Pair};

/// Re-proves everything about vouchers within the caller's snapshot; one line per difference.
pub async fn vouchers(conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    let mut lines = ledgers(conn).await?;
    differ(&mut lines, "purse", "held", "the sum of its holds", proofs::list_held(conn).await?);
    differ(&mut lines, "booking", "hold", "its ledger says", holds(conn).await?);
    differ(&mut lines, "purse", "claimed", "the sum of its undecided claims", proofs::list_claimed(conn).await?);
    differ(&mut lines, "purse", "redeemed", "the sum of its approved claims", proofs::list_redeemed(conn).await?);
    differ(&mut lines, "claim", "amount", "the sum of its items", proofs::list_claim_sums(conn).await?);
    differ(&mut lines, "booking", "hold", "what it may hold", proofs::list_idle_holds(conn).await?);
    let unsettled = proofs::list_unsettled_items(conn).await?;
    lines.extend(unsettled.iter().map(|pair| format!("booking {}: claimed but not settled", pair.id)));
    exceed(&mut lines, "paid in its live claims", proofs::list_invoices(conn).await?);
    exceed(&mut lines, "enterprises with live claims", proofs::list_invoice_owners(conn).await?);
    budgets(conn, &mut lines).await?;
    Ok(lines)
}

async fn ledgers(conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    let (mut lines, mut books) = (Vec::new(), BTreeMap::<String, Vec<Movement>>::new());
    for (purse_id, number, from, to, amount_fen) in proofs::list_movements(conn).await? {
        let book = books.entry(purse_id.clone()).or_default();
        if usize::try_from(number).ok() != Some(book.len() + 1) {
            lines.push(format!("purse {purse_id}: movement {number} where {} was to come", book.len() + 1));
        }
        match (Account::parse(&from), Account::parse(&to)) {
            (Some(from), Some(to)) => book.push(Movement { from, to, amount_fen }),
            _ => lines.push(format!("purse {purse_id}: movement {number} between unknown accounts")),
        }
    }
    for row in proofs::list_purses(conn).await? {
        let book = books.remove(&row.id).unwrap_or_default();
        if usize::try_from(row.movements).ok() != Some(book.len()) {
            lines.push(format!("purse {}: counts {} movements, the ledger has {}", row.id, row.movements, book.len()));
        }
        match Purse::fold(book) {
            Ok(folded) if folded == row.purse() => {}
            Ok(folded) => lines.push(format!("purse {}: is {:?}, its ledger says {folded:?}", row.id, row.purse())),
            Err(short) => lines.push(format!("purse {}: its ledger cannot be: {short}", row.id)),
        }
    }
    lines.extend(books.keys().map(|id| format!("purse {id}: a ledger without a purse")));
    Ok(lines)
}

/// Every hold against what the ledger moved for its booking, less what its live claims took over. A claim gives what it leaves of its holds back
/// in one sum, so what once stood in a claim may hold less than that, and never more.
async fn holds(conn: &mut AnyConnection) -> Outcome<Vec<Pair>> {
    let mut moved = BTreeMap::<String, i64>::new();
    for (kind, cause, fen) in proofs::list_hold_moves(conn).await? {
        // A lapse names its run first and then the booking.
        let booking = if kind == "job" { cause.rsplit('/').next().unwrap_or_default() } else { &cause };
        *moved.entry(booking.to_owned()).or_default() += fen;
    }
    let mut pairs = Vec::new();
    for (id, written, claimed_fen, claims) in proofs::list_holds(conn).await? {
        let most = moved.remove(&id).unwrap_or(0) - claimed_fen;
        let proved = if claims > 0 { written.min(most) } else { most };
        pairs.push(Pair { id, written, proved });
    }
    pairs.extend(moved.into_iter().map(|(id, proved)| Pair { id, written: 0, proved }));
    Ok(pairs)
}

async fn budgets(conn: &mut AnyConnection, lines: &mut Vec<String>) -> Outcome<()> {
    // The newest version that was ever in force: a check has no day of its own, and grants respect later versions too.
    let last = Day::new(9000, 1, 1).unwrap_or(Day(jiff::civil::Date::MAX));
    for (id, granted_fen, redeemed_fen, budget_fen, percent) in proofs::list_budgets(conn, last).await? {
        if i128::from(granted_fen) * 100 > i128::from(budget_fen) * i128::from(percent) {
            lines.push(format!("programme {id}: {granted_fen} fen granted of {percent} % of {budget_fen}"));
        }
        if redeemed_fen > budget_fen {
            lines.push(format!("programme {id}: {redeemed_fen} fen redeemed of {budget_fen}"));
        }
    }
    Ok(())
}

fn differ(lines: &mut Vec<String>, thing: &str, what: &str, proof: &str, pairs: Vec<Pair>) {
    let wrong = pairs.into_iter().filter(|pair| pair.written != pair.proved);
    lines.extend(wrong.map(|pair| format!("{thing} {}: {what} is {}, {proof} {}", pair.id, pair.written, pair.proved)));
}

fn exceed(lines: &mut Vec<String>, what: &str, pairs: Vec<Pair>) {
    let wrong = pairs.into_iter().filter(|pair| pair.written > pair.proved);
    lines.extend(wrong.map(|pair| format!("invoice {}: {what} {}, at most {}", pair.id, pair.written, pair.proved)));
}
