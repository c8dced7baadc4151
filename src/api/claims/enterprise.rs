//! What an enterprise does with claims: file, answer what was sent back, withdraw.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{ClaimView, seen};
use crate::actions::claims::answers::{self, AnswerForm};
use crate::actions::claims::filing::{self, ClaimForm};
use crate::actions::claims::whole;
use crate::app::App;
use crate::base::time::Day;
use crate::body;
use crate::domain::claims::Filing;
use crate::domain::roles::{Side, Verb};
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::PathId;
use crate::http::{Caller, Error};

body! {
    /// A claim as it is filed.
    pub struct ClaimBody {
        /// 1 to 50 settled bookings of one institution and programme.
        booking_ids: Vec<String>,
        /// The contract.
        contract_file_id: String,
        /// 发票号码.
        invoice_number: String,
        /// 发票代码; paper invoices only.
        invoice_code: Option<String>,
        /// USCC of the seller: the institution that owned the instrument at the start.
        seller_uscc: String,
        /// Amount of the invoice, in fen.
        invoice_fen: i64,
        /// Day of the invoice.
        invoice_on: Day,
        /// What was really paid, less refunds and other public subsidy, in fen.
        paid_fen: i64,
        /// Day of the payment.
        paid_on: Day,
        /// Payment proof, result report and what else; at least one.
        file_ids: Vec<String>,
    }
}

body! {
    /// An answer to what was sent back.
    pub struct AnswerBody {
        /// More documents.
        file_ids: Option<Vec<String>>,
        /// What the enterprise says to it.
        note: Option<String>,
        /// The version that was seen; a stale one is 409.
        version: Option<i64>,
    }
}

body! {
    /// An action that needs nothing else.
    pub struct VersionBody {
        /// The version that was seen; a stale one is 409.
        version: Option<i64>,
    }
}

/// Files a claim: the holds of its bookings become claimed, what is left of them is available again.
#[utoipa::path(post, path = "/claims", tag = "claims", request_body = ClaimBody, responses(
    (status = 201, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn file(State(app): State<Arc<App>>, caller: Caller, write: Write, body: Body) -> Result<Response, Error> {
    caller.require(Verb::Claim)?;
    let read: ClaimBody = body.read()?;
    let filing = Filing {
        booking_ids: read.booking_ids,
        invoice_number: read.invoice_number,
        invoice_code: read.invoice_code,
        seller_uscc: read.seller_uscc,
        invoice_fen: read.invoice_fen,
        invoice_on: read.invoice_on,
        paid_fen: read.paid_fen,
        paid_on: read.paid_on,
        file_ids: read.file_ids,
    };
    let form = ClaimForm { filing, contract_file_id: read.contract_file_id };
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::CREATED, |tx| {
        let (act, form) = (&act, &form);
        Box::pin(async move {
            let claim = filing::file(tx, act, form).await?;
            Ok(ClaimView::new(whole(tx, claim).await?, Side::Enterprise))
        })
    });
    run.await
}

/// Answers a claim that was sent back: it is filed again.
#[utoipa::path(patch, path = "/claims/{id}", tag = "claims", params(("id" = String, Path)), request_body = AnswerBody, responses(
    (status = 200, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn answer(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    caller.require(Verb::Claim)?;
    seen(&app, &caller, &id).await?;
    let read: AnswerBody = body.read_or_empty()?;
    let form = AnswerForm { file_ids: read.file_ids.unwrap_or_default(), note: read.note, version: read.version };
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, form) = (&act, &id, &form);
        Box::pin(async move {
            let claim = answers::answer(tx, act, id, form).await?;
            Ok(ClaimView::new(whole(tx, claim).await?, Side::Enterprise))
        })
    });
    run.await
}

/// Takes a claim back while it is filed or sent back.
#[utoipa::path(post, path = "/claims/{id}/withdraw", tag = "claims", params(("id" = String, Path)), request_body = VersionBody, responses(
    (status = 200, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn withdraw(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    caller.require(Verb::Claim)?;
    seen(&app, &caller, &id).await?;
    let read: VersionBody = body.read_or_empty()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, read) = (&act, &id, &read);
        Box::pin(async move {
            let claim = answers::withdraw(tx, act, id, read.version).await?;
            Ok(ClaimView::new(whole(tx, claim).await?, Side::Enterprise))
        })
    });
    run.await
}
