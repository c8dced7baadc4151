//! Pages of claims: of an enterprise, or on the programmes of a bureau.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::Instant;
use crate::domain::claims::State;

/// A claim as a list shows it.
#[derive(Debug, Clone, FromRow)]
pub struct ClaimLine {
    /// Id.
    pub id: Id,
    /// Code for people.
    pub code: String,
    /// How far it is.
    pub state: State,
    /// Its version.
    pub version: i64,
    /// What is claimed.
    pub amount_fen: i64,
    /// USCC of the enterprise.
    pub enterprise_uscc: String,
    /// Its name.
    pub enterprise: String,
    /// USCC of the institution.
    pub institution_uscc: String,
    /// Its name.
    pub institution: String,
    /// Of which year.
    pub year: i64,
    /// When it was filed.
    pub filed_at: Instant,
    /// How many bookings it covers.
    pub bookings: i64,
    /// How many of its flags are warnings or block it.
    pub warnings: i64,
    /// Drawn for a second review.
    pub drawn_at: Option<Instant>,
}

/// Which claims.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of an enterprise.
    pub enterprise_id: Option<Id>,
    /// On programmes of a bureau.
    pub bureau_id: Option<Id>,
    /// In one of these states; all when empty.
    pub states: Vec<State>,
    /// Whose code, enterprise or institution contains this.
    pub text: Option<String>,
    /// The oldest first, for those who work them off; else the newest.
    pub oldest_first: bool,
}

const FROM: &str = " FROM claims c JOIN programmes p ON p.id = c.programme_id JOIN parties e ON e.id = c.enterprise_id JOIN parties i ON i.id = c.institution_id \
     WHERE (CAST($1 AS TEXT) IS NULL OR c.enterprise_id = $1) AND (CAST($2 AS TEXT) IS NULL OR p.bureau_id = $2) \
     AND (CAST($3 AS TEXT) IS NULL OR c.code LIKE $3 ESCAPE '!' OR e.name LIKE $3 ESCAPE '!' OR i.name LIKE $3 ESCAPE '!')";
const LINE: &str = "SELECT c.id, c.code, c.state, c.version, c.amount_fen, e.uscc AS enterprise_uscc, e.name AS enterprise, i.uscc AS institution_uscc, i.name AS institution, \
     p.year, c.filed_at, (SELECT count(*) FROM claim_items x WHERE x.claim_id = c.id) AS bookings, \
     (SELECT count(*) FROM claim_flags f WHERE f.claim_id = c.id AND f.severity <> 'info') AS warnings, c.drawn_at";

/// A page of claims.
pub async fn list(conn: &mut AnyConnection, filter: &Filter, page: Page) -> Result<Listed<ClaimLine>, Error> {
    let states = in_states(&filter.states);
    let like = filter.text.as_deref().map(pattern);
    let total: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*){FROM}{states}")))
        .bind(&filter.enterprise_id)
        .bind(&filter.bureau_id)
        .bind(&like)
        .fetch_one(&mut *conn)
        .await?;
    let order = if filter.oldest_first { "c.filed_at, c.id" } else { "c.filed_at DESC, c.id DESC" };
    let items = sqlx::query_as(sqlx::AssertSqlSafe(format!("{LINE}{FROM}{states} ORDER BY {order} LIMIT $4 OFFSET $5")))
        .bind(&filter.enterprise_id)
        .bind(&filter.bureau_id)
        .bind(&like)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(conn)
        .await?;
    Ok(Listed::new(items, total, page))
}

/// How many claims on a bureau's programmes are in each state.
pub async fn count_by_state(conn: &mut AnyConnection, bureau_id: &str) -> Result<Vec<(State, i64)>, Error> {
    Ok(sqlx::query_as(
        "SELECT c.state, count(*) FROM claims c JOIN programmes p ON p.id = c.programme_id WHERE p.bureau_id = $1 GROUP BY c.state ORDER BY c.state",
    )
    .bind(bureau_id)
    .fetch_all(conn)
    .await?)
}

/// The claim of a bureau that was filed next after another and waits in the same queue.
pub async fn find_next(conn: &mut AnyConnection, bureau_id: &str, after: (Instant, &str), states: &[State]) -> Result<Option<Id>, Error> {
    let states = in_states(states);
    let sql = format!(
        "SELECT c.id FROM claims c JOIN programmes p ON p.id = c.programme_id WHERE p.bureau_id = $1 AND (c.filed_at, c.id) > ($2, $3){states} ORDER BY c.filed_at, c.id LIMIT 1"
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(bureau_id).bind(after.0).bind(after.1).fetch_optional(conn).await?)
}

/// Words of a closed vocabulary, so they may stand in the text.
fn in_states(states: &[State]) -> String {
    if states.is_empty() {
        return String::new();
    }
    let words: Vec<String> = states.iter().map(|state| format!("'{state}'")).collect();
    format!(" AND c.state IN ({})", words.join(", "))
}

/// A text as a pattern of LIKE with `ESCAPE '!'`: what contains it.
#[must_use]
pub fn pattern(text: &str) -> String {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}
