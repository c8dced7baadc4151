//! `/api/v1/vouchers`: an enterprise's voucher of a year, its ledger, and giving some of it back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListView;
use crate::actions::programmes::YEARS;
use crate::actions::vouchers::{self, Voucher};
use crate::app::App;
use crate::base::paging::Listed;
use crate::base::time::{Day, Instant};
use crate::body;
use crate::domain::roles::Verb;
use crate::domain::vouchers::Account;
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::Query;
use crate::http::{Caller, Error};
use crate::store;
use crate::store::purses::MovementRow;

body! {
    /// Money that an enterprise does not need.
    pub struct ReturnBody {
        /// Of which year.
        year: i64,
        /// How much, in fen.
        amount_fen: i64,
    }
}

/// An enterprise's voucher of a year; zeros without a grant. `available = granted - held - claimed - redeemed - lapsed - returned`.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoucherView {
    /// The year.
    pub year: i64,
    /// 发放.
    pub granted_fen: i64,
    /// 可用.
    pub available_fen: i64,
    /// 冻结.
    pub held_fen: i64,
    /// 申请兑付中.
    pub claimed_fen: i64,
    /// 已兑付.
    pub redeemed_fen: i64,
    /// 已失效.
    pub lapsed_fen: i64,
    /// 已退回.
    pub returned_fen: i64,
    /// Last day of use; null without a programme.
    pub use_by: Option<Day>,
    /// Last day on which a claim may be filed; null without a programme.
    pub redeem_by: Option<Day>,
}

impl From<Voucher> for VoucherView {
    fn from(voucher: Voucher) -> Self {
        let purse = voucher.purse();
        let version = voucher.programme.as_ref().map(|(_, version)| version);
        Self {
            year: voucher.year,
            granted_fen: purse.granted_fen,
            available_fen: purse.available_fen,
            held_fen: purse.held_fen,
            claimed_fen: purse.claimed_fen,
            redeemed_fen: purse.redeemed_fen,
            lapsed_fen: purse.lapsed_fen,
            returned_fen: purse.returned_fen,
            use_by: version.map(|version| version.use_by_on),
            redeem_by: version.map(|version| version.redeem_by_on),
        }
    }
}

/// What caused a movement.
#[derive(Debug, Serialize, ToSchema)]
pub struct CauseView {
    /// `booking`, `statement`, `claim`, `application`, `return` or `job`.
    pub kind: String,
    /// Which.
    pub id: String,
    /// The code of the booking or claim behind it, where there is one.
    pub code: Option<String>,
}

/// A line of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementView {
    /// Id.
    pub id: String,
    /// Counts from 1 within a purse.
    pub number: i64,
    /// When.
    pub at: Instant,
    /// Where the money was.
    pub from: Account,
    /// Where it went.
    pub to: Account,
    /// How much, always positive.
    pub amount_fen: i64,
    /// Why.
    pub cause: CauseView,
}

impl From<MovementRow> for MovementView {
    fn from(row: MovementRow) -> Self {
        let code = Some(row.cause_code).filter(|code| !code.is_empty());
        let cause = CauseView { kind: row.cause_kind, id: row.cause_id, code };
        Self { id: row.id, number: row.number, at: row.at, from: row.from_account, to: row.to_account, amount_fen: row.amount_fen, cause }
    }
}

/// The voucher that a query asks about.
async fn asked(app: &App, caller: &Caller, query: &mut Query) -> Result<Voucher, Error> {
    let member = caller.require_any(&[Verb::Claim, Verb::ReadLedger])?;
    let today = app.clock.now().day();
    let year = query.number("year", YEARS.0, YEARS.1).unwrap_or(today.year());
    let uscc = query.text("uscc").map(str::to_owned);
    std::mem::take(query).done()?;
    let mut conn = app.db.read().await?;
    let (enterprise_id, bureau_id) = vouchers::whose(&mut conn, member, uscc.as_deref()).await?;
    Ok(vouchers::find(&mut conn, today, &enterprise_id, bureau_id.as_deref(), year).await?)
}

/// The voucher of a year: of one's own enterprise, or, for the bureau, of the enterprise with a USCC.
#[utoipa::path(get, path = "/vouchers", tag = "vouchers", params(("year" = Option<i64>, Query), ("uscc" = Option<String>, Query)), responses(
    (status = 200, body = VoucherView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn one(State(app): State<Arc<App>>, caller: Caller, mut query: Query) -> Result<Response, Error> {
    Ok(Json(VoucherView::from(asked(&app, &caller, &mut query).await?)).into_response())
}

/// The ledger of the same voucher, the newest line first.
#[utoipa::path(get, path = "/vouchers/ledger", tag = "vouchers",
    params(("year" = Option<i64>, Query), ("uscc" = Option<String>, Query), ("limit" = Option<i64>, Query), ("after" = Option<String>, Query)), responses(
    (status = 200, body = ListView<MovementView>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn ledger(State(app): State<Arc<App>>, caller: Caller, mut query: Query) -> Result<Response, Error> {
    let page = query.page();
    let voucher = asked(&app, &caller, &mut query).await?;
    let listed = match voucher.row {
        Some(row) => store::purses::list_movements(&mut *app.db.read().await?, &row.id, page).await?,
        None => Listed::new(Vec::new(), 0, page),
    };
    Ok(Json(ListView::from(listed.map(MovementView::from))).into_response())
}

/// Gives available money back to the bureau (退券).
#[utoipa::path(post, path = "/vouchers/return", tag = "vouchers", request_body = ReturnBody, responses(
    (status = 200, body = VoucherView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn give_back(State(app): State<Arc<App>>, caller: Caller, write: Write, body: Body) -> Result<Response, Error> {
    caller.require(Verb::ManageVouchers)?;
    let read: ReturnBody = body.read()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, read) = (&act, &read);
        Box::pin(async move { Ok(VoucherView::from(vouchers::give_back(tx, act, read.year, read.amount_fen).await?)) })
    });
    run.await
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(one)).routes(routes!(ledger)).routes(routes!(give_back))
}
