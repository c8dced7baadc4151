//! `POST /quotes`: what a booking would cost and whether it could stand. 200 also when it could not.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::quotes::{Quote, QuoteForm, quote};
use crate::app::App;
use crate::base::lang::Lang;
use crate::base::time::{Instant, Span};
use crate::body;
use crate::domain::instruments::Mode;
use crate::domain::roles::Verb;
use crate::domain::vouchers::{PurposeKind, VoucherChoice};
use crate::http::body::Body;
use crate::http::problem::{BrokenRule, Problem};
use crate::http::{Caller, Error};

body! {
    /// What a quote is asked for.
    pub struct QuoteBody {
        /// The instrument.
        instrument_id: String,
        /// From when.
        starts_at: Instant,
        /// Until when.
        ends_at: Instant,
        /// How it is served.
        mode: Mode,
        /// Whether a voucher pays its share.
        voucher: VoucherChoice,
        /// What for; research unless said.
        purpose_kind: Option<PurposeKind>,
    }
}

impl From<QuoteBody> for QuoteForm {
    fn from(body: QuoteBody) -> Self {
        Self {
            instrument_id: body.instrument_id,
            span: Span::new(body.starts_at, body.ends_at),
            mode: body.mode,
            voucher: body.voucher,
            purpose_kind: body.purpose_kind.unwrap_or(PurposeKind::Research),
        }
    }
}

/// A quote as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteView {
    /// The fee, to be paid to the institution in full.
    pub fee_fen: i64,
    /// What a voucher would pay back.
    pub voucher_fen: i64,
    /// What one bears in the end.
    pub payable_fen: i64,
    /// Every rule that a booking would break.
    pub violations: Vec<BrokenRule>,
    /// Free spans that would do instead, at most three.
    pub alternatives: Vec<Span>,
    /// Why a voucher can never pay for this; `null` when it may, or when none was asked for.
    pub voucher_ineligible: Option<crate::domain::vouchers::Ineligible>,
}

impl QuoteView {
    fn new(lang: Lang, now: Instant, quote: &Quote) -> Self {
        Self {
            fee_fen: quote.fee_fen,
            voucher_fen: quote.voucher_fen,
            payable_fen: quote.payable_fen,
            violations: quote.violations.iter().map(|violation| BrokenRule::new(lang, now, violation)).collect(),
            alternatives: quote.alternatives.clone(),
            voucher_ineligible: quote.offer.ineligible,
        }
    }
}

/// What a booking would cost now, what a voucher would pay, and every rule it would break.
#[utoipa::path(post, path = "/quotes", tag = "bookings", request_body = QuoteBody, responses(
    (status = 200, body = QuoteView),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn ask(State(app): State<Arc<App>>, caller: Caller, body: Body) -> Result<Json<QuoteView>, Error> {
    // Everybody of an enterprise may ask for a price; only bookers may book.
    let member = caller.require(Verb::ReadOwnBookings)?;
    let form = QuoteForm::from(body.read::<QuoteBody>()?);
    let now = app.clock.now();
    let answer = quote(&mut *app.db.read().await?, now, member, &form).await?;
    Ok(Json(QuoteView::new(caller.context.lang, now, &answer)))
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(ask))
}
