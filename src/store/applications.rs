//! Applications for vouchers (创新券申领).

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::Instant;
use crate::domain::vouchers::ApplicationState;

/// An application with whose it is.
#[derive(Debug, Clone, FromRow)]
pub struct Application {
    /// Id.
    pub id: Id,
    /// For which programme.
    pub programme_id: Id,
    /// Its bureau.
    pub bureau_id: Id,
    /// Its year.
    pub year: i64,
    /// By which enterprise.
    pub enterprise_id: Id,
    /// Its USCC.
    pub uscc: String,
    /// Its current name.
    pub enterprise: String,
    /// How much is asked for.
    pub amount_fen: i64,
    /// 入库登记编号, opaque.
    pub sme_number: String,
    /// How far it is.
    pub state: ApplicationState,
    /// When it was filed.
    pub filed_at: Instant,
    /// How much was granted.
    pub granted_fen: Option<i64>,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Why it was rejected; empty otherwise.
    pub reason: String,
}

impl Application {
    /// It changes once in its life: 1 while filed, 2 when decided.
    #[must_use]
    pub fn version(&self) -> i64 {
        if self.state == ApplicationState::Filed { 1 } else { 2 }
    }
}

const APPLICATION: &str = "SELECT a.id, a.programme_id, p.bureau_id, p.year, a.enterprise_id, o.uscc, o.name AS enterprise, a.amount_fen, a.sme_number, a.state, \
     a.filed_at, a.granted_fen, a.decided_at, a.reason FROM applications a JOIN programmes p ON p.id = a.programme_id JOIN parties o ON o.id = a.enterprise_id";

/// Whose applications, and which.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of an enterprise.
    pub enterprise_id: Option<Id>,
    /// For programmes of a bureau.
    pub bureau_id: Option<Id>,
    /// In a state.
    pub state: Option<ApplicationState>,
    /// For a year.
    pub year: Option<i64>,
}

const WHERE: &str = " WHERE (CAST($1 AS TEXT) IS NULL OR a.enterprise_id = $1) AND (CAST($2 AS TEXT) IS NULL OR p.bureau_id = $2) \
     AND (CAST($3 AS TEXT) IS NULL OR a.state = $3) AND (CAST($4 AS BIGINT) IS NULL OR p.year = $4)";

/// An application by id.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Application>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{APPLICATION} WHERE a.id = $1"))).bind(id).fetch_optional(conn).await?)
}

/// A page of applications, the newest first.
pub async fn list(conn: &mut AnyConnection, filter: &Filter, page: Page) -> Result<Listed<Application>, Error> {
    let count = format!("SELECT count(*) FROM applications a JOIN programmes p ON p.id = a.programme_id{WHERE}");
    let total: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
        .bind(&filter.enterprise_id)
        .bind(&filter.bureau_id)
        .bind(filter.state)
        .bind(filter.year)
        .fetch_one(&mut *conn)
        .await?;
    let items = sqlx::query_as(sqlx::AssertSqlSafe(format!("{APPLICATION}{WHERE} ORDER BY a.filed_at DESC, a.id DESC LIMIT $5 OFFSET $6")))
        .bind(&filter.enterprise_id)
        .bind(&filter.bureau_id)
        .bind(filter.state)
        .bind(filter.year)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(conn)
        .await?;
    Ok(Listed::new(items, total, page))
}

/// Inserts an application; the names and the decision of the row are not stored.
pub async fn insert(conn: &mut AnyConnection, application: &Application, membership_id: &str) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO applications (id, programme_id, enterprise_id, amount_fen, sme_number, state, filed_by, filed_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')",
    )
    .bind(&application.id)
    .bind(&application.programme_id)
    .bind(&application.enterprise_id)
    .bind(application.amount_fen)
    .bind(&application.sme_number)
    .bind(application.state)
    .bind(membership_id)
    .bind(application.filed_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Decides a filed application; false when it is not filed any more. On PostgreSQL the second of two deciders waits here.
pub async fn update_decided(
    conn: &mut AnyConnection,
    id: &str,
    state: ApplicationState,
    granted_fen: Option<i64>,
    reason: &str,
    membership_id: &str,
    now: Instant,
) -> Result<bool, Error> {
    let done =
        sqlx::query("UPDATE applications SET state = $2, granted_fen = $3, reason = $4, decided_by = $5, decided_at = $6 WHERE id = $1 AND state = 'filed'")
            .bind(id)
            .bind(state)
            .bind(granted_fen)
            .bind(reason)
            .bind(membership_id)
            .bind(now)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() > 0)
}
