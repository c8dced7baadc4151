//! Registering an organisation with its first person: the form, the link in the mail. [`bureau`] has the decision.

pub mod bureau;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum_extra::extract::CookieJar;

use super::frame::{Posted, door, go, page, refused, show};
use super::passwords::{is_over, over};
use super::shell::{Choice, FormState, Page};
use crate::actions::{passwords, registrations};
use crate::app::App;
use crate::base::lang::Lang;
use crate::base::region;
use crate::domain::actors::Actor;
use crate::domain::refusals::Violation;
use crate::domain::registrations::Registration;
use crate::domain::roles::Side;
use crate::domain::signing::judge_password;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::registrations::Registration as Stored;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/register", get(form).post(send))
        .route("/register/sent", get(sent))
        .route("/register/verify/{secret}", get(asked).post(verify))
        .route("/privacy", get(privacy))
        .merge(bureau::routes())
}

#[derive(Template)]
#[template(path = "registrations/form.html")]
struct RegisterPage {
    page: Page,
    form: FormState,
    sides: Vec<Choice>,
    regions: Vec<Choice>,
}

impl RegisterPage {
    fn new(page: Page, form: FormState) -> Self {
        let sides = [Side::Enterprise, Side::Institution];
        let sides = sides.iter().map(|side| {
            Choice::new(side, page.word("side", side)).hint(page.t(if *side == Side::Enterprise {
                "register-side-enterprise"
            } else {
                "register-side-institution"
            }))
        });
        Self { sides: sides.collect(), regions: regions(page.lang), page, form }
    }
}

/// Regions to choose from: Qingdao's districts first, then Shandong, then the rest of the country.
pub fn regions(lang: Lang) -> Vec<Choice> {
    let name = |code: &str| region::name(code, lang.as_str());
    let mut known: Vec<&str> = region::all().iter().map(|(code, _, _)| *code).collect();
    known.sort_by_key(|code| (!region::lies_in(code, "370200"), !region::lies_in(code, "370000"), *code));
    let choice = |code: &str| {
        let city = region::city(code);
        Choice::new(code, if city == code || city == region::province(code) { name(code) } else { format!("{} {}", name(&city), name(code)) })
    };
    known.into_iter().map(choice).collect()
}

async fn form(State(app): State<Arc<App>>, visitor: Visitor, jar: CookieJar) -> Result<Response, Error> {
    let (page, jar) = door(&app, &visitor, jar).await?;
    Ok((jar, show(&RegisterPage::new(page, FormState::new().with("sides", Side::Enterprise)))?).into_response())
}

/// Reads the form; what is wrong is noted in it.
fn read(form: &mut FormState) -> Registration {
    let sides = form.values("sides").into_iter().filter_map(Side::parse).collect();
    let read = Registration {
        uscc: form.text("uscc", 40),
        name: form.text("name", 100),
        sides,
        region_code: form.text("region", 6),
        address: form.text("address", 200),
        bank: form.optional_text("bank", 100),
        bank_number: form.optional_text("bank_number", 60),
        invoice_address: form.optional_text("invoice_address", 200),
        invoice_phone: form.optional_text("invoice_phone", 40),
        person_name: form.text("person_name", 60),
        email: form.text("email", 200),
    };
    for violation in read.violations() {
        form.note(violation);
    }
    if let Some(violation) = judge_password("password", form.value("password"), &read.email) {
        form.note(violation);
    }
    if !form.holds("consent", "1") {
        form.note(Violation::required("consent"));
    }
    read
}

async fn send(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    app.limits.count_form(visitor.context.address)?;
    let registration = read(&mut form);
    if form.is_wrong() {
        let (page, jar) = door(&app, &visitor, jar).await?;
        return Ok((jar, refused(&RegisterPage::new(page, form))?).into_response());
    }
    let hash = passwords::hash(form.value("password").to_owned()).await?;
    let act = app.act(Actor::Stranger, visitor.context.request_id.clone());
    let lang = visitor.context.lang.as_str();
    {
        let (act, registration, hash) = (&act, &registration, &hash);
        app.transact(act, |tx| Box::pin(registrations::register(tx, act, registration, hash, lang))).await?;
    }
    Ok(go("/register/sent", ""))
}

#[derive(Template)]
#[template(path = "registrations/sent.html")]
struct SentPage {
    page: Page,
}

async fn sent(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    show(&SentPage { page: page(&app, &visitor).await? })
}

#[derive(Template)]
#[template(path = "registrations/verify.html")]
struct VerifyPage {
    page: Page,
    form: FormState,
    row: Stored,
    secret: String,
    /// Whether the address has an account already, whose password counts then.
    is_known: bool,
}

/// The registration of a link that still holds, and whether its address has an account.
async fn find(app: &App, secret: &str) -> Result<Option<(Stored, bool)>, Error> {
    let mut conn = app.db.read().await?;
    let Some(row) = registrations::find_to_verify(&mut conn, secret, app.clock.now()).await? else { return Ok(None) };
    let is_known = store::persons::find_by_email(&mut conn, &row.email).await?.is_some();
    Ok(Some((row, is_known)))
}

async fn asked(State(app): State<Arc<App>>, visitor: Visitor, jar: CookieJar, PathId(secret): PathId) -> Result<Response, Error> {
    let Some((row, is_known)) = find(&app, &secret).await? else { return over(&app, &visitor, jar, "register").await };
    let (page, jar) = door(&app, &visitor, jar).await?;
    Ok((jar, show(&VerifyPage { page, form: FormState::new(), row, secret, is_known })?).into_response())
}

/// The link only shows the page; the button proves the address. Programs that open every link in a mail use nothing up.
///
/// The link proves who reads the mails, the password who filled the form in: without both, somebody could register with the address of
/// another and wait for them to press the button of an account whose password only the first one knows.
async fn verify(State(app): State<Arc<App>>, PathId(secret): PathId, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    app.limits.count_form(visitor.context.address)?;
    let Some((row, is_known)) = find(&app, &secret).await? else { return over(&app, &visitor, jar, "register").await };
    if !is_known {
        let turn = passwords::turn().await;
        let is_right = passwords::verify(form.value("password").to_owned(), row.password_hash.clone()).await;
        drop(turn);
        if !is_right {
            form.note(Violation::invalid("password", "password_wrong"));
            let (page, jar) = door(&app, &visitor, jar).await?;
            return Ok((jar, refused(&VerifyPage { page, form, row, secret, is_known })?).into_response());
        }
    }
    let act = app.act(Actor::Stranger, visitor.context.request_id.clone());
    let done = app.transact(&act, |tx| Box::pin(registrations::verify(tx, &act, &secret))).await;
    match done {
        Ok(()) => Ok(go("/login", "register-filed")),
        Err(error) if is_over(&error) => over(&app, &visitor, jar, "register").await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "registrations/privacy.html")]
struct PrivacyPage {
    page: Page,
}

async fn privacy(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    show(&PrivacyPage { page: page(&app, &visitor).await? })
}
