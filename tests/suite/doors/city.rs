//! Two towns side by side, each with its bureau, institution and enterprise and one of every thing that a path can name, and the platform's
//! people: whoever belongs to the first town stands before its own things and before those of the other.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use serde_json::{Value, json};
use yiqi::actions::{registrations, sessions};
use yiqi::base::chance::fingerprint;
use yiqi::domain::registrations::Registration;
use yiqi::domain::roles::{Role, Side};
use yiqi::http::caller::SESSION_COOKIE;
use yiqi::web::frame::{FORM_COOKIE, form_token};

use super::Door;
use crate::support::TestApp;
use crate::support::bookings::wish;
use crate::support::claims::{PDF, open_policy, round_the_clock};
use crate::support::http::Answer;
use crate::support::people::uscc;
use crate::support::usage::segment;

/// Somebody of a side with a role.
pub type Who = (Side, Role);

/// Everybody with a membership, in the order of the table's columns.
pub const MEMBERS: [Who; 13] = [
    (Side::Institution, Role::Admin),
    (Side::Institution, Role::Manager),
    (Side::Institution, Role::Operator),
    (Side::Institution, Role::Finance),
    (Side::Enterprise, Role::Admin),
    (Side::Enterprise, Role::Booker),
    (Side::Enterprise, Role::Finance),
    (Side::Bureau, Role::Admin),
    (Side::Bureau, Role::Officer),
    (Side::Bureau, Role::Reviewer),
    (Side::Bureau, Role::Auditor),
    (Side::Platform, Role::Admin),
    (Side::Platform, Role::Ops),
];

/// One town: its organisations, people, and things by the name that a path gives them.
#[derive(Default)]
pub struct Town {
    uscc: HashMap<Side, String>,
    tokens: HashMap<Who, String>,
    things: HashMap<&'static str, String>,
    /// What nobody outside of the town may ever read.
    pub secrets: Vec<String>,
}

impl Town {
    /// A bearer token.
    pub fn token(&self, side: Side, role: Role) -> &str {
        &self.tokens[&(side, role)]
    }

    fn keep(&mut self, name: &'static str, value: &Value) {
        self.things.insert(name, value.as_str().unwrap().to_owned());
    }
}

/// Both towns.
pub struct City {
    pub app: TestApp,
    /// The callers' own town, and the other.
    pub towns: [Town; 2],
    /// Seconds of slots taken so far.
    slots: std::sync::atomic::AtomicI64,
}

/// Bureaus come first: institutions are enrolled with those that are there.
const SIDES: [Side; 4] = [Side::Bureau, Side::Institution, Side::Enterprise, Side::Platform];

impl City {
    /// Both towns with their people only.
    pub async fn bare() -> Self {
        let mut city = Self { app: TestApp::new().await, towns: [Town::default(), Town::default()], slots: 0.into() };
        for number in 0..2 {
            city.people(number).await;
        }
        city
    }

    /// Both towns with everything in them.
    pub async fn new() -> Self {
        let mut city = Self::bare().await;
        for number in 0..2 {
            city.use_and_claim(number).await;
            city.requests(number).await;
        }
        city.app.mails();
        city
    }

    async fn people(&mut self, number: usize) {
        let region = ["370212", "370600"][number];
        for side in SIDES {
            // The platform is one, above both towns.
            if side == Side::Platform && number == 1 {
                continue;
            }
            let stem = match side {
                Side::Institution => format!("12370200MB000000{}", number + 1),
                Side::Enterprise => format!("91370212MA000000{}", number + 1),
                Side::Bureau => format!("11370200MB000000{}", number + 3),
                Side::Platform => "11370200MB0000009".to_owned(),
            };
            let region = if side == Side::Bureau { ["370200", "370600"][number] } else { region };
            let code = self.app.organisation(&stem, &format!("{number} 号城{side}"), &[side], region, false).await;
            for who in MEMBERS.iter().filter(|who| who.0 == side) {
                let email = address(number, *who);
                let token = self.app.person(&code, &email, who.1, Some(side)).await;
                self.towns[number].tokens.insert(*who, token);
                self.towns[number].secrets.push(email);
            }
            self.towns[number].uscc.insert(side, code);
        }
        // In the pool of its own town's bureau, and no other's.
        let [bureau, institution] = [self.member(number, (Side::Bureau, Role::Officer)).await, self.member(number, (Side::Institution, Role::Admin)).await];
        let act = self.app.command();
        self.app
            .transact(&act, |tx| Box::pin(yiqi::actions::organisations::enrol(tx, &act, &bureau.organisation_id, &institution.organisation_id)))
            .await
            .unwrap();
    }

    /// An instrument, a settled booking with its use, a claim with its documents.
    async fn use_and_claim(&mut self, number: usize) {
        let Self { app, towns, .. } = self;
        let town = &mut towns[number];
        let manager = town.token(Side::Institution, Role::Manager).to_owned();
        let booker = town.token(Side::Enterprise, Role::Booker).to_owned();
        let (officer, finance) = (town.token(Side::Bureau, Role::Officer).to_owned(), town.token(Side::Enterprise, Role::Finance).to_owned());
        app.programme(&officer, 2026, 1_000_000_000).await;
        app.grant(&officer, &finance, 2026, 1_000_000).await;
        let instrument = app.instrument(&manager, json!({ "original_value_fen": 40_000_000 })).await;
        app.set_hours(&manager, &instrument, round_the_clock()).await;
        app.set_policy(&manager, &instrument, open_policy()).await;
        let day = ["2026-10-13", "2026-10-14"][number];
        let purpose = format!("{number} 号城的断口观察");
        let wanted = json!({ "voucher": "required", "purpose": purpose, "note": format!("{number} 号城的便条") });
        let body = wish(&instrument, &format!("{day}T09:00"), &format!("{day}T11:00"), wanted);
        let done = app.post("/api/v1/bookings", &booker, body).await.expect(201);
        app.settle(&done, &manager, &booker, 20_000).await;
        let segments = vec![segment(&format!("geheim-{number}"), &format!("{day}T07:00"), &format!("{day}T08:00"), json!({}))];
        app.deliver(&manager, &instrument, segments).await.expect(200);
        let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
        town.keep("segment", &listed["items"][0]["id"]);
        let name = format!("{number} 号城的合同.pdf");
        let file = app.upload_parts(&booker, &[("file", &name, PDF)], &[]).await.expect(201);
        let over = json!({ "contract_file_id": file["id"], "invoice_number": format!("2637{number}000000000000001") });
        let claim = app.claim_body(&booker, &town.uscc[&Side::Institution], &[&done], 20_000, over).await;
        let claim = app.post("/api/v1/claims", &booker, claim).await.expect(201);
        for (name, value) in [("done", &done["id"]), ("file", &file["id"]), ("claim", &claim["id"])] {
            town.keep(name, value);
        }
        for secret in [&done["id"], &done["code"], &claim["id"], &claim["code"], &file["id"]] {
            town.secrets.push(secret.as_str().unwrap().to_owned());
        }
        town.secrets.extend([purpose, format!("{number} 号城的便条"), name, format!("geheim-{number}"), format!("2637{number}000000000000001")]);
        town.keep("instrument", &json!(instrument));
    }

    /// What waits for somebody: a requested booking, staff's own slot, an application, a registration.
    async fn requests(&mut self, number: usize) {
        let Self { app, towns, .. } = self;
        let town = &mut towns[number];
        let manager = town.token(Side::Institution, Role::Manager).to_owned();
        let booker = town.token(Side::Enterprise, Role::Booker).to_owned();
        let finance = town.token(Side::Enterprise, Role::Finance).to_owned();
        let instrument = town.things["instrument"].clone();
        app.set_policy(&manager, &instrument, json!({ "approval": "manager" })).await;
        let body = wish(&instrument, "2026-10-20T09:00", "2026-10-20T10:00", json!({}));
        let booking = app.post("/api/v1/bookings", &booker, body).await.expect(201);
        let sme_number = format!("2026370200{number}800123");
        let application = json!({ "year": 2026, "amount_fen": 100, "sme_number": sme_number });
        let application = app.post("/api/v1/voucher-applications", &finance, application).await.expect(201);
        for (name, value) in [("booking", &booking["id"]), ("application", &application["id"])] {
            town.keep(name, value);
        }
        for secret in [&booking["id"], &booking["code"], &application["id"]] {
            town.secrets.push(secret.as_str().unwrap().to_owned());
        }
        town.secrets.push(sme_number);
        self.register(number).await;
    }

    /// A registration whose address is proved, so that it waits for the town's bureau.
    async fn register(&mut self, number: usize) {
        let email = format!("newcomer{number}@new.test");
        let form = Registration {
            uscc: uscc(&format!("91370212MA000008{number}")),
            name: format!("{number} 号城的新公司"),
            sides: vec![Side::Enterprise],
            region_code: ["370212", "370600"][number].to_owned(),
            address: "香港东路 1 号".to_owned(),
            bank: "青岛银行".to_owned(),
            bank_number: format!("62220218030000000{number}"),
            invoice_address: String::new(),
            invoice_phone: String::new(),
            person_name: "新来的".to_owned(),
            email: email.clone(),
        };
        let act = self.app.act(yiqi::domain::actors::Actor::Stranger, "test".to_owned());
        self.app.transact(&act, |tx| Box::pin(registrations::register(tx, &act, &form, "no hash", "zh-CN"))).await.unwrap();
        let link = self.app.link_to(&email, "/register/verify").await;
        let secret = link.rsplit('/').next().unwrap().to_owned();
        let act = self.app.act(yiqi::domain::actors::Actor::Stranger, "test".to_owned());
        self.app.transact(&act, |tx| Box::pin(registrations::verify(tx, &act, &secret))).await.unwrap();
        let officer = self.member(number, (Side::Bureau, Role::Officer)).await;
        let waiting = yiqi::store::registrations::list_waiting(&mut self.app.db.read().await.unwrap(), &officer.organisation_id).await.unwrap();
        self.towns[number].keep("registration", &json!(waiting[0].id));
        self.towns[number].secrets.extend([email, waiting[0].id.clone(), form.bank_number]);
    }

    /// The membership of somebody.
    pub async fn member(&self, number: usize, who: Who) -> yiqi::domain::actors::Member {
        let mut conn = self.app.db.read().await.unwrap();
        let email = address(number, who);
        let person = yiqi::store::persons::find_by_email(&mut conn, &email).await.unwrap().unwrap_or_else(|| panic!("{email}"));
        yiqi::store::persons::list_memberships(&mut conn, &person.person_id).await.unwrap().remove(0)
    }

    /// A fresh session of somebody of the first town; gives the cookie's secret.
    pub async fn session(&self, who: Who) -> String {
        let member = self.member(0, who).await;
        self.open(&member.membership_id).await
    }

    async fn open(&self, membership_id: &str) -> String {
        let (act, place) = (self.app.command(), sessions::Place::default());
        self.app.transact(&act, |tx| Box::pin(sessions::open(tx, &act, membership_id, &place))).await.unwrap()
    }

    /// The path of a row with its parameters filled in: things of the caller's own, or of the other town's people.
    pub async fn path(&self, door: &Door, who: Option<Who>, number: usize) -> String {
        let mut path = door.path.to_owned();
        while let Some((start, rest)) = path.clone().split_once('{') {
            let (name, rest) = rest.split_once('}').unwrap();
            let value = match name.split_once('=') {
                Some((_, value)) => value.to_owned(),
                None => self.thing(name, who, number).await,
            };
            path = format!("{start}{value}{rest}");
        }
        path
    }

    /// A thing by its name in the table. What can be used up is made anew each time.
    async fn thing(&self, name: &str, who: Option<Who>, number: usize) -> String {
        // The platform's people have no town: what is theirs is the first one's.
        let who = who.unwrap_or((Side::Enterprise, Role::Admin));
        let side = if number == 1 && who.0 == Side::Platform { Side::Institution } else { who.0 };
        // Of one's own: of oneself where it belongs to a person. Of another: of somebody of the same role elsewhere.
        let owner = if number == 0 { who } else { (side, if MEMBERS.contains(&(side, who.1)) { who.1 } else { Role::Admin }) };
        match name {
            "uscc" => self.towns[number].uscc[&Side::Institution].clone(),
            "enterprise_uscc" => self.towns[number].uscc[&Side::Enterprise].clone(),
            "institution" => self.member(number, (Side::Institution, Role::Admin)).await.organisation_id,
            "session" => {
                let secret = self.open(&self.member(number, owner).await.membership_id).await;
                let found = yiqi::store::sessions::find(&mut self.app.db.read().await.unwrap(), &fingerprint(&secret), self.app.clock.now().plus(-1)).await;
                found.unwrap().unwrap().0
            }
            "token" => {
                let member = self.member(number, owner).await;
                let act = self.app.command();
                self.app.transact(&act, |tx| Box::pin(sessions::issue_token(tx, &act, &member))).await.unwrap();
                let mut conn = self.app.db.read().await.unwrap();
                yiqi::store::sessions::list_tokens_of(&mut conn, &member.person_id).await.unwrap().into_iter().map(|token| token.id).max().unwrap()
            }
            "colleague" => self.colleague(number, side).await,
            "invitation" => self.invitation(number, side).await,
            "account" => self.account(number, side).await,
            "slot" => self.slot(number).await,
            "wrong" => "wrong".to_owned(),
            _ => self.towns[number].things.get(name).unwrap_or_else(|| panic!("{name} names nothing")).clone(),
        }
    }

    /// Somebody new of a side; gives the membership.
    async fn colleague(&self, number: usize, side: Side) -> String {
        let role = MEMBERS.iter().rev().find(|who| who.0 == side).unwrap().1;
        let number = if side == Side::Platform { 0 } else { number };
        let email = format!("{}@colleague.test", self.app.command().dice.secret().get(..12).unwrap().to_lowercase());
        self.app.person(&self.towns[number].uscc[&side], &email, role, Some(side)).await;
        let mut conn = self.app.db.read().await.unwrap();
        let person = yiqi::store::persons::find_by_email(&mut conn, &email).await.unwrap().unwrap();
        yiqi::store::persons::list_memberships(&mut conn, &person.person_id).await.unwrap().remove(0).membership_id
    }

    /// Time that staff took for a closure, an hour of its own.
    async fn slot(&self, number: usize) -> String {
        let starts_at = self.app.clock.now().plus(20 * 24 * 3600 + self.slots.fetch_add(3600, std::sync::atomic::Ordering::Relaxed));
        let slot = json!({ "kind": "closure", "starts_at": starts_at, "ends_at": starts_at.plus(3600), "note": "换灯丝" });
        let town = &self.towns[number];
        let path = format!("/api/v1/instruments/{}/slots", town.things["instrument"]);
        self.app.post(&path, town.token(Side::Institution, Role::Manager), slot).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    async fn invitation(&self, number: usize, side: Side) -> String {
        let admin = self.member(number, (side, Role::Admin)).await;
        let act = self.app.act(yiqi::domain::actors::Actor::Member(admin.clone()), "test".to_owned());
        let email = format!("guest-{side}@new.test");
        let role = MEMBERS.iter().rev().find(|who| who.0 == side).unwrap().1;
        self.app.transact(&act, |tx| Box::pin(yiqi::actions::memberships::invite(tx, &act, &email, role))).await.unwrap();
        let mut conn = self.app.db.read().await.unwrap();
        yiqi::store::invitations::list(&mut conn, &admin.organisation_id, side).await.unwrap()[0].id.clone()
    }

    /// A bank account that waits for its second person, proposed by an admin's colleague in finance where there is one.
    async fn account(&self, number: usize, side: Side) -> String {
        let side = if matches!(side, Side::Institution | Side::Enterprise) { side } else { Side::Enterprise };
        let member = self.member(number, (side, Role::Finance)).await;
        if let Some(waiting) = yiqi::store::bank_accounts::find_proposed(&mut self.app.db.read().await.unwrap(), &member.organisation_id).await.unwrap() {
            return waiting.id;
        }
        // The first account of a party holds at once; the one after it waits.
        loop {
            let act = self.app.act(yiqi::domain::actors::Actor::Member(member.clone()), "test".to_owned());
            let account = act.dice.secret().bytes().map(|b| char::from(b'0' + b % 10)).take(19).collect::<String>();
            self.app.transact(&act, |tx| Box::pin(yiqi::actions::bank_accounts::propose(tx, &act, "青岛银行", &account))).await.unwrap();
            let found = yiqi::store::bank_accounts::find_proposed(&mut self.app.db.read().await.unwrap(), &member.organisation_id).await.unwrap();
            if let Some(waiting) = found {
                return waiting.id;
            }
        }
    }

    /// Knocks at a page as somebody with a session, or as a stranger.
    pub async fn knock_page(&self, door: &Door, path: &str, who: Option<Who>, number: usize) -> Answer {
        let (cookie, token) = match who {
            Some(who) => {
                let secret = self.session(who).await;
                (format!("{SESSION_COOKIE}={secret}"), form_token(&secret))
            }
            None => (format!("{FORM_COOKIE}=stranger"), form_token("stranger")),
        };
        let request = Request::builder().method(door.method).uri(path).header(header::COOKIE, cookie).header(header::ACCEPT_LANGUAGE, "en");
        if door.method == "GET" {
            return self.send(request.body(Body::empty()).unwrap()).await;
        }
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &token);
        if door.path == "/switch" {
            form.append_pair("membership", &self.member(0, who.unwrap_or(MEMBERS[0])).await.membership_id);
        }
        for (name, value) in door.form {
            let value = match value.strip_prefix('{') {
                Some(name) => self.thing(name.trim_end_matches('}'), who, number).await,
                None => (*value).to_owned(),
            };
            form.append_pair(name, &value);
        }
        self.send(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form.finish())).unwrap()).await
    }

    /// Knocks at the API with a token, or as a stranger.
    pub async fn knock_api(&self, door: &Door, path: &str, token: Option<&str>) -> Answer {
        let mut request = Request::builder().method(door.method).uri(path).header(header::ACCEPT_LANGUAGE, "en");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = if door.method == "GET" { Body::empty() } else { Body::from("{}") };
        self.send(request.header(header::CONTENT_TYPE, "application/json").body(body).unwrap()).await
    }

    /// Each knock comes from an address of its own: floods are not what is tried here.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        let number = u32::from_be_bytes(self.app.command().dice.secret().as_bytes()[..4].try_into().unwrap());
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from((std::net::Ipv4Addr::from(number), 1))));
        self.app.send(request).await
    }

    /// The token of an instrument of the first town.
    pub async fn instrument_token(&self) -> String {
        self.app.instrument_token(&self.towns[0].things["instrument"]).await
    }
}

fn address(number: usize, (side, role): Who) -> String {
    format!("{role}.{side}@town{number}.test")
}
