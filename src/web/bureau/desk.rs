//! `/bureau/claims/{id}`: a claim on one screen: how its amount came about, what proves it, and the decision.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{WAITING, bureau_of, page};
use crate::actions;
use crate::actions::claims::desk::{Desk, Finding, UseLine, desk};
use crate::actions::claims::{self, LONGEST_NOTE, Whole, payment, review};
use crate::app::App;
use crate::base::money::floor_to;
use crate::base::time::HOUR;
use crate::domain::claims::{FourEyes, Severity, State as ClaimState, Step, approval_in, needs_second};
use crate::domain::refusals::Violation;
use crate::domain::roles::Verb;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store::claims::lists;
use crate::web::frame::{Posted, go, refused, show};
use crate::web::shell::{BlockKind, Choice, FormState, Lane, LaneBlock, Lanes, Page, Week};

/// How many bookings are drawn hour by hour; the others stand in the table.
const MOST_DRAWN: usize = 4;
/// A longer booking has too many hours for the column; it stands in the table only.
const LONGEST_DRAWN: i64 = 12 * HOUR;

#[derive(Template)]
#[template(path = "bureau/desk.html")]
struct DeskPage {
    page: Page,
    form: FormState,
    whole: Whole,
    desk: Desk,
    lanes: Vec<Lanes>,
    choices: Vec<Choice>,
    next: Option<String>,
    /// What the visitor may do now, and what of four eyes is in the way.
    task: Option<Task>,
    in_the_way: Option<&'static str>,
    second: bool,
}

/// What a claim asks of who looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Decide,
    Pay,
    ClawBack,
}

impl Task {
    fn of(state: ClaimState, visitor: &Visitor) -> Option<Self> {
        let (task, verb) = match state {
            ClaimState::Filed | ClaimState::SecondReview => (Self::Decide, Verb::ReviewClaims),
            ClaimState::Approved => (Self::Pay, Verb::RunProgrammes),
            ClaimState::Paid => (Self::ClawBack, Verb::RunProgrammes),
            _ => return None,
        };
        visitor.may(verb).then_some(task)
    }
}

impl DeskPage {
    fn base_fen(&self) -> i64 {
        self.whole.claim.paid_fen.min(self.whole.claim.actual_fen)
    }

    fn rounded_fen(&self) -> i64 {
        floor_to(self.desk.share_fen, self.desk.terms.rounding_fen)
    }

    fn count(&self, finding: Finding) -> usize {
        self.desk.checks.iter().filter(|check| check.finding == finding).count()
    }

    /// How many checks passed, need a look, and failed.
    fn counts(&self) -> [usize; 3] {
        [Finding::Passed, Finding::Look, Finding::Failed].map(|finding| self.count(finding))
    }

    fn used_seconds(&self) -> i64 {
        self.desk.uses.iter().map(|used| used.line.used_seconds).sum()
    }

    fn booked_seconds(&self) -> i64 {
        self.desk.uses.iter().map(|used| used.line.span().seconds()).sum()
    }

    fn is_automatic(&self) -> bool {
        self.desk.uses.iter().all(|used| used.automatic)
    }
}

/// The day of a booking: what was booked, and what was recorded.
fn lanes_of(page: &Page, used: &UseLine) -> Lanes {
    let (line, day) = (&used.line, used.line.starts_at.day());
    let spans = used.used.iter().copied().chain([line.span()]).filter_map(|span| span.clipped(day.span()));
    let minutes = spans.map(|span| ((span.starts_at.0 - day.start().0) / 60, (span.ends_at.0 - day.start().0) / 60));
    let first = line.starts_at.minute_of_day() / 60;
    let (from, to) = Week::hours_around(minutes, first, first + 4);
    let mut lanes = Lanes::new(page, day, from, to, &page.t2("desk-lanes", "instrument", &line.instrument, "code", &line.code));
    lanes.name_width = "4rem";
    let block = |kind, span| LaneBlock { kind, span, label: page.clock_span(span), note: String::new(), href: None };
    let lane = |name: &str, blocks| Lane { name: page.t(name), note: String::new(), href: None, blocks };
    lanes.lanes.push(lane("desk-booked", vec![block(BlockKind::Taken, line.span())]));
    lanes.lanes.push(lane("desk-used", used.used.iter().map(|span| block(BlockKind::Run, *span)).collect()));
    lanes
}

async fn desk_page(app: &App, visitor: &Visitor, id: &str, form: FormState) -> Result<DeskPage, Error> {
    let member = visitor.require(Verb::ReadClaims)?;
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let claim = claims::find(&mut conn, member, id).await?.ok_or(Error::NOT_FOUND)?;
    let whole = claims::whole(&mut conn, claim).await?;
    let desk = desk(&mut conn, &whole).await?;
    let state = whole.claim.state;
    let step = match state {
        ClaimState::Approved => Step::Pay,
        ClaimState::Paid => Step::ClawBack,
        _ => approval_in(state),
    };
    let in_the_way = claims::four_eyes_of(&mut conn, app.clock.now(), member, &whole.claim, step).await?.err().map(|reason| match reason {
        FourEyes::OwnOrganisation => "conflict-own_organisation",
        FourEyes::SamePerson => "conflict-four_eyes",
    });
    let next = lists::find_next(&mut conn, &bureau_of(visitor)?, (whole.claim.filed_at, id), &WAITING).await?;
    drop(conn);
    let severities: Vec<Severity> = whole.flags.iter().map(|flag| flag.severity).collect();
    let amount = page.fen(whole.claim.amount_fen);
    let choices = vec![
        Choice::new("approve", page.t1("desk-approve", "amount", &amount)),
        Choice::new("send-back", page.t("desk-send-back")).hint(page.t("desk-send-back-hint")),
        Choice::new("reject", page.t("desk-reject")).hint(page.t1("desk-reject-hint", "amount", &amount)),
    ];
    Ok(DeskPage {
        lanes: desk.uses.iter().filter(|used| used.line.span().seconds() <= LONGEST_DRAWN).take(MOST_DRAWN).map(|used| lanes_of(&page, used)).collect(),
        choices,
        next,
        task: Task::of(state, visitor),
        in_the_way,
        second: needs_second(severities, whole.claim.drawn_at.is_some()),
        page,
        form,
        whole,
        desk,
    })
}

/// One claim.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    show(&desk_page(&app, &visitor, &id, FormState::new()).await?)
}

/// Approves, sends back or rejects, and goes on to the next that waits.
pub async fn decide(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let member = visitor.require(Verb::ReviewClaims)?;
    let claim = claims::find(&mut *app.db.read().await?, member, &id).await?.ok_or(Error::NOT_FOUND)?;
    let reason = form.optional_text("reason", LONGEST_NOTE);
    let (act, decision) = (visitor.act(&app)?, form.value("do").to_owned());
    if !matches!(decision.as_str(), "approve" | "send-back" | "reject") {
        form.note(Violation::required("do"));
    }
    if form.is_wrong() {
        return refused(&desk_page(&app, &visitor, &id, form).await?);
    }
    let done = app.transact(&act, |tx| {
        let (act, id, reason, decision) = (&act, id.as_str(), reason.as_str(), decision.as_str());
        Box::pin(async move {
            match decision {
                "approve" => review::approve(tx, act, id, Some(reason), None).await,
                "reject" => review::reject(tx, act, id, reason, None).await,
                _ => review::send_back(tx, act, id, reason, None).await,
            }
        })
    });
    match done.await {
        Ok(after) => {
            let next = lists::find_next(&mut *app.db.read().await?, &bureau_of(&visitor)?, (claim.filed_at, &id), &WAITING).await?;
            let path = next.map_or_else(|| "/bureau/claims".to_owned(), |next| format!("/bureau/claims/{next}"));
            Ok(go(&path, &format!("claim-is-{}", after.state)))
        }
        Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => refused(&desk_page(&app, &visitor, &id, form).await?),
        Err(error) => Err(error.into()),
    }
}

/// Pays.
pub async fn pay(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::RunProgrammes)?;
    let reference = form.text("bank_reference", payment::LONGEST_REFERENCE);
    let act = visitor.act(&app)?;
    if !form.is_wrong() {
        match app.transact(&act, |tx| Box::pin(payment::pay(tx, &act, &id, &reference, None))).await {
            Ok(_) => return Ok(go(&format!("/bureau/claims/{id}"), "claim-is-paid")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&desk_page(&app, &visitor, &id, form).await?)
}

/// Claws back.
pub async fn claw_back(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::RunProgrammes)?;
    let (reason, amount_fen) = (form.text("reason", LONGEST_NOTE), form.yuan("amount_fen"));
    let act = visitor.act(&app)?;
    if let Some(amount_fen) = amount_fen
        && !form.is_wrong()
    {
        match app.transact(&act, |tx| Box::pin(payment::claw_back(tx, &act, &id, &reason, amount_fen, None))).await {
            Ok(_) => return Ok(go(&format!("/bureau/claims/{id}"), "claim-is-clawed_back")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&desk_page(&app, &visitor, &id, form).await?)
}
