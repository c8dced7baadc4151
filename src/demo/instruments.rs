//! The institutions list their instruments: enter, price, open, publish, give each its token.

use super::cast::FIRST_LAB;
use super::catalogue::{self, Listed, Piece};
use super::scene::{Company, Scene, Set};
use super::timeline::opening;
use crate::actions::instruments::{create, move_listing, set_opening, set_policy, set_prices};
use crate::actions::sessions::issue_instrument_token;
use crate::actions::{Error, Outcome};
use crate::base::chance::fingerprint;
use crate::base::time::{DAY, Day, HOUR, Instant};
use crate::domain::actors::Member;
use crate::domain::instruments::{Approval, Audience, Listing, ListingVerb, Mode, PolicyChange, Price, PriceUnit};
use crate::domain::roles::Role;
use crate::store::{self, Tx};

/// The part of the story that is acted here.
const LISTING: u64 = 3;

/// Lists everything.
pub async fn list(tx: &mut Tx<'_>, now: Instant, company: &Company) -> Outcome<Vec<Set>> {
    let scene = Scene::new(LISTING);
    let mut sets = Vec::new();
    for (index, (lab, piece)) in catalogue::all().enumerate() {
        let manager = company.member(FIRST_LAB + lab, Role::Manager)?;
        sets.push(one(tx, &scene, now, manager, index, piece).await?);
    }
    Ok(sets)
}

async fn one(tx: &mut Tx<'_>, scene: &Scene, now: Instant, manager: &Member, index: usize, piece: &Piece) -> Outcome<Set> {
    let accepted_on = now.day().plus(-piece.accepted_days);
    let published_at = accepted_on.plus(piece.listed_after_days).at_minute(600 + i64::try_from(index).unwrap_or(0) * 7);
    // A draft was entered a few days ago, the others on the eve of their publication.
    let entered_at = if piece.was_published() { published_at.plus(-20 * HOUR) } else { now.plus(-5 * DAY) };
    let owner = manager.organisation_id.as_str();
    let approval = if piece.automatic { Approval::Automatic } else { Approval::Manager };
    let id = create(tx, &scene.by(entered_at, manager), owner, &listing(piece, accepted_on, entered_at), Some(approval)).await?;
    set_opening(tx, &scene.by(entered_at.plus(300), manager), owner, &id, &opening(piece.hours)).await?;
    set_policy(tx, &scene.by(entered_at.plus(400), manager), owner, &id, &policy(piece)).await?;
    set_prices(tx, &scene.by(entered_at.plus(500), manager), owner, &id, &prices(piece, now)).await?;
    if piece.was_published() {
        move_listing(tx, &scene.by(published_at, manager), owner, &id, ListingVerb::Publish, None).await?;
    }
    let last = match piece.listed {
        Listed::Suspended => Some((now.plus(-44 * DAY), ListingVerb::Suspend)),
        Listed::Retired => Some((now.plus(-31 * DAY), ListingVerb::Retire)),
        Listed::Yes | Listed::NotYet => None,
    };
    if let Some((at, verb)) = last {
        move_listing(tx, &scene.by(at, manager), owner, &id, verb, None).await?;
    }
    let secret = issue_instrument_token(tx, &scene.by(entered_at.plus(600), manager), &id).await?;
    let token = store::sessions::find_token(tx, &fingerprint(&secret)).await?.ok_or_else(|| Error::Failed("no token".to_owned()))?;
    Ok(Set { id, token_id: token.0 })
}

fn listing(piece: &Piece, accepted_on: Day, entered_at: Instant) -> Listing {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let modes = [(piece.prices.1, Mode::SelfService), (piece.prices.2, Mode::Operator)];
    Listing {
        number: piece.number.to_owned(),
        name: piece.name.to_owned(),
        name_en: text(piece.name_en),
        model: text(piece.model),
        maker: text(piece.maker),
        description: text(piece.about),
        category_code: piece.category.to_owned(),
        kind: piece.kind,
        original_value_fen: piece.value_yuan * 100,
        accepted_on,
        commissioned_on: accepted_on.plus(9).min(entered_at.day()),
        funding: piece.funding,
        location: piece.place.to_owned(),
        modes: modes.into_iter().filter(|(price, _)| *price > 0).map(|(_, mode)| mode).collect(),
        positions: 1,
    }
}

fn policy(piece: &Piece) -> PolicyChange {
    let (buffer, shortest, longest, notice) = piece.rules;
    PolicyChange {
        min_minutes: Some(shortest),
        max_minutes: Some(longest),
        notice_minutes: Some(notice),
        buffer_minutes: Some(buffer),
        late_cancel_percent: Some(piece.late_percent),
        ..PolicyChange::default()
    }
}

/// Internal and external, of each mode; valid to the middle of the year after the next.
fn prices(piece: &Piece, now: Instant) -> Vec<Price> {
    let valid_to = i16::try_from(now.day().year() + 2).ok().and_then(|year| Day::new(year, 6, 30));
    let price = |audience, yuan: i64, mode| Price { unit: PriceUnit::Hour, audience, amount_fen: yuan * 100, mode, valid_from: None, valid_to };
    let (internal, by_oneself, with_operator) = piece.prices;
    let outside = [(by_oneself, Mode::SelfService), (with_operator, Mode::Operator)];
    let outside = outside.into_iter().filter(|(yuan, _)| *yuan > 0).map(|(yuan, mode)| price(Audience::External, yuan, Some(mode)));
    std::iter::once(price(Audience::Internal, internal, None)).chain(outside).collect()
}
