//! The parties of the demo city come in: organisations, persons, bearer tokens, programmes and grants.

use serde_json::{Value, json};

use super::cast::{self, BOOKKEEPER, BUREAU, FALLEN_FIRM, FIRST_FIRM, HOUSES, House};
use super::scene::{Company, Scene};
use crate::actions::applications::{self, ApplicationForm};
use crate::actions::organisations::{OrganisationForm, PersonForm, add, add_person};
use crate::actions::programmes::{self, TermsForm};
use crate::actions::sessions::issue_token;
use crate::actions::{Error, Outcome};
use crate::base::time::{DAY, Day, HOUR, Instant};
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::roles::{Role, Side};
use crate::store::Tx;

/// Parts of the story that are acted here.
const PARTIES: u64 = 1;
const MONEY: u64 = 2;
/// Each account's token is drawn from a part of its own, so that it can be written down again.
const TOKENS: u64 = 1000;

/// What each firm was granted, in yuan; 0 for the one that never asked. The first has used little of it.
const GRANTS: [i64; 5] = [200_000, 120_000, 80_000, 0, 60_000];

/// The USCC of a house.
///
/// # Errors
/// A failure of ours when its stem is wrong.
pub fn uscc(house: &House) -> Outcome<String> {
    Uscc::complete(house.stem).map(|uscc| uscc.to_string()).map_err(|e| Error::Failed(format!("{}: {e}", house.stem)))
}

/// Organisations, persons and tokens.
pub async fn come_in(tx: &mut Tx<'_>, now: Instant, password_hash: &str) -> Outcome<Company> {
    let scene = Scene::new(PARTIES);
    let mut company = Company::default();
    for (place, house) in HOUSES.iter().enumerate() {
        let since = now.plus(-if house.side == Side::Enterprise { 700 } else { 3000 } * DAY);
        let form = OrganisationForm {
            uscc: uscc(house)?,
            name: house.name.to_owned(),
            sides: vec![house.side],
            region_code: house.region.to_owned(),
            address: house.address.to_owned(),
            enrolled: house.side == Side::Institution,
            related: Vec::new(),
        };
        add(tx, &scene.act(since, Actor::Command), &form).await?;
        for (index, (role, name)) in house.people.iter().enumerate() {
            let form = person(cast::email(house, index), name, uscc(house)?, *role, house.side, password_hash);
            let member = add_person(tx, &scene.act(since.plus(HOUR), Actor::Command), &form).await?;
            let part = TOKENS + number(place, index);
            issue_token(tx, &Scene::new(part).act(since.plus(2 * HOUR), Actor::Command), &member).await?;
            company.members.insert((place, index), member);
        }
    }
    for house in BOOKKEEPER.2 {
        let form = person(BOOKKEEPER.0.to_owned(), BOOKKEEPER.1, uscc(&HOUSES[house])?, Role::Finance, Side::Enterprise, password_hash);
        let member = add_person(tx, &scene.act(now.plus(-300 * DAY), Actor::Command), &form).await?;
        if house == BOOKKEEPER.2[0] {
            issue_token(tx, &Scene::new(TOKENS).act(now.plus(-300 * DAY), Actor::Command), &member).await?;
        }
    }
    Ok(company)
}

fn number(house: usize, index: usize) -> u64 {
    u64::try_from(house * 10 + index + 1).unwrap_or(0)
}

fn person(email: String, name: &str, uscc: String, role: Role, side: Side, password_hash: &str) -> PersonForm {
    PersonForm { email, name: name.to_owned(), uscc, role, side: Some(side), password_hash: Some(password_hash.to_owned()) }
}

/// What `demo.json` says. The tokens are drawn as they were drawn for the database.
///
/// # Errors
/// A failure of ours when a stem of the cast is wrong.
pub fn accounts(base_url: &str) -> Outcome<Value> {
    let mut accounts = Vec::new();
    let token = |part: u64| Scene::new(part).act(Instant(0), Actor::Command).dice.secret();
    for (place, house) in HOUSES.iter().enumerate().filter(|(_, house)| house.shown) {
        for (index, (role, _)) in house.people.iter().enumerate() {
            accounts.push(json!({
                "email": cast::email(house, index), "password": cast::PASSWORD, "role": role, "organisation": house.name, "uscc": uscc(house)?,
                "token": token(TOKENS + number(place, index)),
            }));
        }
    }
    let house = &HOUSES[BOOKKEEPER.2[0]];
    accounts.push(json!({
        "email": BOOKKEEPER.0, "password": cast::PASSWORD, "role": Role::Finance, "organisation": house.name, "uscc": uscc(house)?, "token": token(TOKENS),
    }));
    Ok(json!({ "accounts": accounts, "base_url": base_url }))
}

/// Programmes of this year and the next; grants of this year, one application that waits for more, one that was rejected.
pub async fn grant(tx: &mut Tx<'_>, now: Instant, company: &Company) -> Outcome<()> {
    let scene = Scene::new(MONEY);
    let officer = company.member(BUREAU, Role::Officer)?;
    let year = now.day().year();
    let new_year = Day::new(i16::try_from(year).unwrap_or(i16::MAX), 1, 1).map_or(now, Day::start);
    for (year, written_at) in [(year, new_year.plus(-22 * DAY + 10 * HOUR)), (year + 1, now.plus(-20 * DAY))] {
        programmes::write(tx, &scene.by(written_at, officer), &terms(year)?).await?;
    }
    for (index, yuan) in GRANTS.iter().enumerate().filter(|(_, yuan)| **yuan > 0) {
        let at = new_year.plus(34 * HOUR + i64::try_from(index).unwrap_or(0) * 3000).min(now.plus(-HOUR));
        let id = ask(tx, &scene, at, company, FIRST_FIRM + index, *yuan, year).await?;
        applications::approve(tx, &scene.by(at.plus(20 * HOUR).min(now), officer), &id, None, None).await?;
    }
    // The fallen firm asked again after its fall; another one has used much and asks for more.
    let id = ask(tx, &scene, now.plus(-9 * DAY), company, FALLEN_FIRM, 40_000, year).await?;
    applications::reject(tx, &scene.by(now.plus(-8 * DAY), officer), &id, "上一笔兑付正在追回，本年度及其后三年不再发放。", None).await?;
    ask(tx, &scene, now.plus(-3 * DAY), company, FIRST_FIRM + 1, 50_000, year).await?;
    ask(tx, &scene, now.plus(-26 * HOUR), company, FIRST_FIRM + 2, 60_000, year).await?;
    Ok(())
}

async fn ask(tx: &mut Tx<'_>, scene: &Scene, at: Instant, company: &Company, firm: usize, yuan: i64, year: i64) -> Outcome<String> {
    let finance = company.member(firm, Role::Finance)?;
    let region = HOUSES[firm].region;
    let form = ApplicationForm { year, amount_fen: yuan * 100, sme_number: format!("{year}{region}A80{:05}", firm * 317 + 4) };
    Ok(applications::apply(tx, &scene.by(at, finance), &form).await?.id)
}

fn terms(year: i64) -> Outcome<TermsForm> {
    let day =
        |year: i64, month, day| i16::try_from(year).ok().and_then(|year| Day::new(year, month, day)).ok_or_else(|| Error::Failed(format!("no year {year}")));
    Ok(TermsForm {
        year,
        rate_bp: 3000,
        cap_fen: 20_000_000,
        rounding_fen: Some(100),
        budget_fen: 2_000_000_000,
        commit_percent: 100,
        use_by: day(year, 12, 31)?,
        redeem_by: day(year + 1, 3, 31)?,
        draw_percent: Some(10),
        source: format!("青岛市科技创新券管理办法（{year} 年度方案）"),
        valid_from: None,
    })
}
