//! `/bureau/parties`: organisations, in what capacities they take part, and which institutions are in the bureau's voucher pool.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{bureau_of, page};
use crate::actions;
use crate::actions::organisations::{self, OrganisationForm};
use crate::app::App;
use crate::base::paging::Listed;
use crate::base::region;
use crate::base::uscc::Uscc;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::{Side, Verb};
use crate::http::query::{PathId, Query};
use crate::http::{Error, Visitor};
use crate::store::parties::{self, PartyLine};
use crate::web::frame::{Posted, go, refused, show};
use crate::web::shell::{Choice, FormState, Page, Pager};

/// The sides that a bureau enrols.
const SIDES: [Side; 2] = [Side::Institution, Side::Enterprise];
/// The longest name or address, in characters.
const LONGEST_NAME: usize = 200;

#[derive(Template)]
#[template(path = "bureau/parties.html")]
struct PartiesPage {
    page: Page,
    form: FormState,
    sides: Vec<Choice>,
    parties: Listed<PartyLine>,
    pager: Pager,
}

impl PartiesPage {
    fn region(&self, party: &PartyLine) -> String {
        region::name(&party.region_code, self.page.lang.as_str())
    }
}

/// The organisations.
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    visitor.require(Verb::RunProgrammes)?;
    let side = query.word("side", Side::parse);
    let text = query.text("q").map(|text| text.chars().take(100).collect::<String>());
    let at = query.page();
    query.done()?;
    let page = page(&app, &visitor).await?;
    let parties = parties::list_for_bureau(&mut *app.db.read().await?, &bureau_of(&visitor)?, side, text.as_deref(), at).await?;
    let pager = Pager::new(&page, at, parties.total);
    let form = FormState::read(page.query.as_bytes());
    let sides = Choice::words(&page, "side", &SIDES);
    show(&PartiesPage { page, form, sides, parties, pager })
}

/// Puts an institution into the pool from today on.
pub async fn enrol(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::RunProgrammes)?;
    let (act, bureau_id) = (posted.visitor.act(&app)?, bureau_of(&posted.visitor)?);
    institution(&app, &id).await?;
    app.transact(&act, |tx| Box::pin(organisations::enrol(tx, &act, &bureau_id, &id))).await?;
    Ok(go("/bureau/parties?side=institution", "party-enrolled"))
}

/// Takes an institution out of the pool from today on.
pub async fn end(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::RunProgrammes)?;
    let (act, bureau_id) = (posted.visitor.act(&app)?, bureau_of(&posted.visitor)?);
    institution(&app, &id).await?;
    app.transact(&act, |tx| Box::pin(organisations::end_enrolment(tx, &act, &bureau_id, &id))).await?;
    Ok(go("/bureau/parties?side=institution", "party-ended"))
}

async fn institution(app: &App, id: &str) -> Result<(), Error> {
    let sides = crate::store::organisations::list_sides(&mut *app.db.read().await?, id).await?;
    if sides.contains(&Side::Institution) { Ok(()) } else { Err(Error::NOT_FOUND) }
}

#[derive(Template)]
#[template(path = "bureau/party_form.html")]
struct PartyFormPage {
    page: Page,
    form: FormState,
    sides: Vec<Choice>,
    regions: Vec<Choice>,
}

async fn party_page(app: &App, visitor: &Visitor, form: FormState) -> Result<PartyFormPage, Error> {
    visitor.require(Verb::RunProgrammes)?;
    let page = page(app, visitor).await?;
    let sides = Choice::words(&page, "side", &SIDES);
    let lang = page.lang.as_str();
    let regions = region::all().iter().map(|(code, _, _)| Choice::new(code, format!("{} {code}", region::name(code, lang)))).collect();
    Ok(PartyFormPage { page, form, sides, regions })
}

/// The form of a new organisation.
pub async fn form(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    show(&party_page(&app, &visitor, FormState::new()).await?)
}

/// Adds an organisation, or sides to one that is there.
pub async fn add(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::RunProgrammes)?;
    if let Some(wanted) = read(&mut form) {
        let (act, bureau_id, enrols) = (visitor.act(&app)?, bureau_of(&visitor)?, form.holds("enrolled", "1"));
        let done = app.transact(&act, |tx| {
            let (act, wanted, bureau_id) = (&act, &wanted, bureau_id.as_str());
            Box::pin(async move {
                let party = organisations::add(tx, act, wanted).await?;
                if enrols && wanted.sides.contains(&Side::Institution) {
                    organisations::enrol(tx, act, bureau_id, &party.id).await?;
                }
                Ok(party)
            })
        });
        match done.await {
            Ok(party) => return Ok(go(&format!("/bureau/parties?q={}", party.uscc), "party-added")),
            Err(actions::Error::Refused(refusal @ Refusal::Rules { .. })) => {
                form.refuse(&refusal);
            }
            Err(error) => return Err(error.into()),
        }
    }
    refused(&party_page(&app, &visitor, form).await?)
}

/// The organisation of a form; `None` when something is wrong by its spelling alone.
fn read(form: &mut FormState) -> Option<OrganisationForm> {
    let uscc = Uscc::parse(form.value("uscc")).map_err(|error| form.note(Violation::uscc("uscc", error))).ok();
    let (name, address) = (form.text("name", LONGEST_NAME), form.optional_text("address", LONGEST_NAME));
    let sides: Vec<Side> = form.values("sides").into_iter().filter_map(Side::parse).filter(|side| SIDES.contains(side)).collect();
    if sides.is_empty() {
        form.note(Violation::required("sides"));
    }
    let region_code = form.value("region").to_owned();
    if !region::is_known(&region_code) {
        form.note(Violation::required("region"));
    }
    let wanted = OrganisationForm { uscc: uscc?.to_string(), name, sides, region_code, address, enrolled: false, related: Vec::new() };
    (!form.is_wrong()).then_some(wanted)
}
