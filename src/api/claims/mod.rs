//! `/api/v1/claims`: enterprises file and amend ([`enterprise`]), the bureau decides and pays ([`bureau`]), both read.

pub mod bureau;
pub mod enterprise;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListView;
use super::applications::PartyView;
use super::files::FileView;
use crate::actions::claims::{self, Whole};
use crate::app::App;
use crate::base::time::{Day, Instant};
use crate::domain::claims::{FlagRule, Severity, State as ClaimState, Step};
use crate::domain::roles::{Side, Verb};
use crate::http::problem::Problem;
use crate::http::query::{PathId, Query};
use crate::http::{Caller, Error};
use crate::store::claims::lists::{self, ClaimLine, Filter};
use crate::store::claims::{Claim, Review};

/// A booking's part of a claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimItemView {
    /// The booking.
    pub id: String,
    /// Its part of the amount.
    pub amount_fen: i64,
}

/// A flag on a booking of a claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlagView {
    /// `no_automatic_evidence` or `over_quote`.
    pub rule: FlagRule,
    /// `info`, `warn` or `block`.
    pub severity: Severity,
    /// On which booking.
    pub booking_id: String,
    /// Named facts; money in fen.
    #[schema(value_type = Object)]
    pub facts: serde_json::Value,
}

/// A step of a claim's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewView {
    /// The claim's version after it.
    pub version: i64,
    /// When.
    pub at: Instant,
    /// Which step.
    pub step: Step,
    /// The state after.
    pub state: ClaimState,
    /// Why.
    pub note: Option<String>,
    /// For which organisation.
    pub organisation: String,
    /// Who; an enterprise sees only its own people.
    pub person: Option<String>,
}

/// A claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// Id.
    pub id: String,
    /// Code for people.
    pub code: String,
    /// How far it is.
    pub state: ClaimState,
    /// Rises with each step.
    pub version: i64,
    /// What is claimed.
    pub amount_fen: i64,
    /// On the programme of which year.
    pub year: i64,
    /// Whose.
    pub enterprise: PartyView,
    /// Whose services.
    pub institution: PartyView,
    /// The bookings with their parts, by start.
    pub bookings: Vec<ClaimItemView>,
    /// What a reviewer should see.
    pub flags: Vec<FlagView>,
    /// Number of the invoice as typed.
    pub invoice_number: String,
    /// Code of the invoice; paper ones only.
    pub invoice_code: Option<String>,
    /// USCC of the seller.
    pub seller_uscc: String,
    /// Amount of the invoice.
    pub invoice_fen: i64,
    /// Day of the invoice.
    pub invoice_on: Day,
    /// What was really paid.
    pub paid_fen: i64,
    /// On which day.
    pub paid_on: Day,
    /// The actual fees of all bookings.
    pub actual_fen: i64,
    /// The contract.
    pub contract_file_id: String,
    /// Every document, the contract among them.
    pub files: Vec<FileView>,
    /// What the enterprise says to it.
    pub note: Option<String>,
    /// When it was filed.
    pub filed_at: Instant,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// The bank's reference of the payment.
    pub bank_reference: Option<String>,
    /// How much was clawed back.
    pub recovered_fen: i64,
    /// The history.
    pub history: Vec<ReviewView>,
}

impl ClaimView {
    /// A claim as a side sees it.
    #[must_use]
    pub fn new(whole: Whole, side: Side) -> Self {
        let Whole { claim, items, flags, reviews, files, enterprise, institution, programme, recovered_fen } = whole;
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let history = reviews.into_iter().map(|review| history_line(review, side, &enterprise.name)).collect();
        Self {
            id: claim.id,
            code: claim.code,
            state: claim.state,
            version: claim.version,
            amount_fen: claim.amount_fen,
            year: programme.year,
            seller_uscc: institution.uscc.clone(),
            enterprise: PartyView { uscc: enterprise.uscc, name: enterprise.name },
            institution: PartyView { uscc: institution.uscc, name: institution.name },
            bookings: items.into_iter().map(|item| ClaimItemView { id: item.booking_id, amount_fen: item.amount_fen }).collect(),
            flags: flags
                .into_iter()
                .map(|flag| FlagView {
                    rule: flag.rule,
                    severity: flag.severity,
                    booking_id: flag.booking_id,
                    facts: serde_json::from_str(&flag.facts).unwrap_or_default(),
                })
                .collect(),
            invoice_number: claim.invoice_number,
            invoice_code: some(claim.invoice_code),
            invoice_fen: claim.invoice_fen,
            invoice_on: claim.invoice_on,
            paid_fen: claim.paid_fen,
            paid_on: claim.paid_on,
            actual_fen: claim.actual_fen,
            contract_file_id: claim.contract_file_id,
            files: files.iter().map(FileView::from).collect(),
            note: some(claim.note),
            filed_at: claim.filed_at,
            paid_at: claim.paid_at,
            bank_reference: claim.bank_reference,
            recovered_fen,
            history,
        }
    }
}

fn history_line(review: Review, side: Side, enterprise: &str) -> ReviewView {
    let shown = side == Side::Bureau || review.organisation == enterprise;
    ReviewView {
        version: review.version,
        at: review.at,
        step: review.step,
        state: review.to_state,
        note: Some(review.note).filter(|note| !note.is_empty()),
        organisation: review.organisation,
        person: shown.then_some(review.person),
    }
}

/// A claim in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimLineView {
    /// Id.
    pub id: String,
    /// Code for people.
    pub code: String,
    /// How far it is.
    pub state: ClaimState,
    /// Rises with each step.
    pub version: i64,
    /// What is claimed.
    pub amount_fen: i64,
    /// On the programme of which year.
    pub year: i64,
    /// Whose.
    pub enterprise: PartyView,
    /// Whose services.
    pub institution: PartyView,
    /// When it was filed.
    pub filed_at: Instant,
}

impl From<ClaimLine> for ClaimLineView {
    fn from(line: ClaimLine) -> Self {
        Self {
            id: line.id,
            code: line.code,
            state: line.state,
            version: line.version,
            amount_fen: line.amount_fen,
            year: line.year,
            enterprise: PartyView { uscc: line.enterprise_uscc, name: line.enterprise },
            institution: PartyView { uscc: line.institution_uscc, name: line.institution },
            filed_at: line.filed_at,
        }
    }
}

/// The claims of one's own enterprise, or on one's own bureau's programmes, the newest first.
#[utoipa::path(get, path = "/claims", tag = "claims",
    params(("state" = Option<String>, Query), ("limit" = Option<i64>, Query), ("after" = Option<String>, Query)), responses(
    (status = 200, body = ListView<ClaimLineView>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, caller: Caller, mut query: Query) -> Result<Response, Error> {
    let member = caller.require_any(&[Verb::Claim, Verb::ReadClaims])?;
    let mut filter = Filter::default();
    for word in query.all("state") {
        match ClaimState::parse(&word) {
            Some(state) => filter.states.push(state),
            None => query.refuse("state", "not_a_known_word"),
        }
    }
    let page = query.page();
    query.done()?;
    let own = Some(member.organisation_id.clone());
    if member.may(Verb::ReadClaims) {
        filter.bureau_id = own;
    } else {
        filter.enterprise_id = own;
    }
    let listed = lists::list(&mut *app.db.read().await?, &filter, page).await?;
    Ok(Json(ListView::from(listed.map(ClaimLineView::from))).into_response())
}

/// A claim that the caller may see.
///
/// # Errors
/// 404 for all others.
async fn seen(app: &App, caller: &Caller, id: &str) -> Result<Claim, Error> {
    let member = caller.member()?;
    claims::find(&mut *app.db.read().await?, member, id).await?.ok_or(Error::NOT_FOUND)
}

/// A claim with its bookings, flags, documents and history.
#[utoipa::path(get, path = "/claims/{id}", tag = "claims", params(("id" = String, Path)), responses(
    (status = 200, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn one(State(app): State<Arc<App>>, caller: Caller, PathId(id): PathId) -> Result<Response, Error> {
    let side = caller.require_any(&[Verb::Claim, Verb::ReadClaims])?.side;
    let claim = seen(&app, &caller, &id).await?;
    let whole = claims::whole(&mut *app.db.read().await?, claim).await?;
    Ok(Json(ClaimView::new(whole, side)).into_response())
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(enterprise::file, list))
        .routes(routes!(one, enterprise::answer))
        .routes(routes!(enterprise::withdraw))
        .merge(bureau::routes())
}
