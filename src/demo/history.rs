//! The two months happen: everything in the order of time. What the rules refuse is left out and told; the tests want none of it.

use super::cast::{FIRST_LAB, HOUSES, OUTSIDERS};
use super::catalogue::{self, Evidence, Piece};
use super::claims::{self, Filed};
use super::luck::Luck;
use super::scene::{Company, Scene};
use super::story::{Step, Story};
use super::timeline::{Block, Spell, Timeline};
use super::{orders, parties};
use crate::actions::slots::{self, SlotForm};
use crate::actions::usage;
use crate::actions::{Error, Outcome};
use crate::base::time::{Instant, MINUTE};
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::roles::Role;
use crate::domain::usage::{Phase, Segment, Source};
use crate::domain::vouchers::PurposeKind;
use crate::store::Tx;
use sqlx::Acquire as _;

/// The part of the story that is acted here.
const HISTORY: u64 = 5;

/// Something that happens.
#[derive(Debug, Clone)]
pub enum What {
    /// To an order.
    Order(usize, Step),
    /// Use is delivered: spells of one instrument.
    Usage(usize, Vec<Spell>),
    /// Staff take time.
    Block(usize),
    /// To a claim.
    Claim(usize, claims::Step),
}

/// How far the story is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Id and code of each order that was booked.
    pub orders: Vec<Option<(String, String)>>,
    /// Id of each claim that was filed.
    pub claims: Vec<Option<String>>,
    /// What was refused, as sentences for the developer.
    pub refused: Vec<String>,
}

/// All that is told, ready to happen.
#[derive(Debug)]
pub struct Script<'a> {
    /// Everybody.
    pub company: &'a Company,
    /// What takes time.
    pub timeline: &'a Timeline,
    /// Orders.
    pub story: &'a Story,
    /// Claims.
    pub claims: &'a [Filed],
}

/// Lets everything happen until `now`.
pub async fn unfold(tx: &mut Tx<'_>, now: Instant, script: &Script<'_>) -> Outcome<Progress> {
    let mut queue: Vec<(Instant, What)> = script.story.events.iter().map(|event| (event.at, What::Order(event.order, event.step))).collect();
    queue.extend(script.timeline.blocks.iter().enumerate().map(|(number, block)| (block.made_at, What::Block(number))));
    queue.extend(deliveries(now, script.timeline));
    queue.extend(script.claims.iter().enumerate().flat_map(|(number, claim)| claim.events.iter().map(move |(at, step)| (*at, What::Claim(number, *step)))));
    // Stable: what happens at the same instant stays in the order in which it was told.
    queue.sort_by_key(|(at, _)| *at);
    let mut progress = Progress { orders: vec![None; script.story.orders.len()], claims: vec![None; script.claims.len()], refused: Vec::new() };
    let scene = Scene::new(HISTORY);
    for (at, what) in &queue {
        // What is refused half-way must leave nothing behind.
        let mut step = tx.begin().await.map_err(crate::store::Error::from)?;
        match happen(&mut step, &scene, script, *at, what, &mut progress).await {
            Ok(()) => step.commit().await.map_err(crate::store::Error::from)?,
            Err(Error::Refused(refusal)) => {
                step.rollback().await.map_err(crate::store::Error::from)?;
                progress.refused.push(format!("{at} {what:?}: {refusal:?}"));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(progress)
}

async fn happen(tx: &mut Tx<'_>, scene: &Scene, script: &Script<'_>, at: Instant, what: &What, progress: &mut Progress) -> Outcome<()> {
    match what {
        What::Order(number, step) => orders::take(tx, scene, script, at, (*number, *step), progress).await,
        What::Usage(piece, spells) => {
            let (lab, kind) = piece_at(*piece)?;
            let actor = deliverer(script.company, *piece, lab, kind)?;
            let segments = spells.iter().map(|spell| segment(kind, spell)).collect::<Outcome<Vec<Segment>>>()?;
            deliver(tx, scene, at, actor, &script.company.set(*piece)?.id, segments).await
        }
        What::Block(number) => match script.timeline.blocks.get(*number) {
            Some(block) => take_time(tx, scene, script.company, block).await,
            None => Ok(()),
        },
        What::Claim(number, step) => claims::take(tx, scene, script, at, (*number, *step), progress).await,
    }
}

/// An instrument of the catalogue and whose it is.
///
/// # Errors
/// A failure of ours when there is none.
pub fn piece_at(index: usize) -> Outcome<(usize, &'static Piece)> {
    catalogue::all().nth(index).ok_or_else(|| Error::Failed(format!("no piece {index}")))
}

/// Who delivers the use of a piece: its own token, or its operator.
///
/// # Errors
/// A failure of ours when the cast has none.
pub fn deliverer(company: &Company, index: usize, lab: usize, piece: &Piece) -> Outcome<Actor> {
    let set = company.set(index)?;
    Ok(match piece.evidence {
        Evidence::Agent | Evidence::Meter => Actor::Instrument { token_id: set.token_id.clone(), instrument_id: set.id.clone() },
        Evidence::Qr | Evidence::Staff => Actor::Member(company.member(FIRST_LAB + lab, Role::Operator)?.clone()),
    })
}

/// How the use of a piece is known.
#[must_use]
pub const fn source(piece: &Piece) -> Source {
    match piece.evidence {
        Evidence::Agent => Source::Agent,
        Evidence::Meter => Source::Meter,
        Evidence::Qr => Source::Card,
        Evidence::Staff => Source::Staff,
    }
}

/// Delivers segments, all of which must be taken.
///
/// # Errors
/// A failure of ours when one is refused.
pub async fn deliver(tx: &mut Tx<'_>, scene: &Scene, at: Instant, actor: Actor, instrument_id: &str, segments: Vec<Segment>) -> Outcome<()> {
    let segments: Vec<_> = segments.into_iter().map(Ok).collect();
    let delivery = usage::record(tx, &scene.act(at, actor), instrument_id, &segments).await?;
    match delivery.rejected.first() {
        None => Ok(()),
        Some((_, rejected)) => Err(Error::Failed(format!("segment {}: {:?}", rejected.key, rejected.violations))),
    }
}

fn segment(piece: &Piece, spell: &Spell) -> Outcome<Segment> {
    let mut luck = Luck::of(piece.number, spell.span.starts_at.0);
    // Half of those who come without a booking are enterprises of the city.
    let outsider = match spell.outsider {
        None => None,
        Some(number) if number % 2 == 0 => Some(parties::uscc(&HOUSES[super::cast::FIRST_FIRM + number / 2 % 4])?),
        Some(number) => Uscc::complete(OUTSIDERS[number / 2 % OUTSIDERS.len()]).ok().map(|uscc| uscc.to_string()),
    };
    let by_hand = spell.phase == Phase::Maintenance || spell.phase == Phase::Fault && spell.span.seconds() < 40 * 3600;
    Ok(Segment {
        key: format!("{}-{}-{}", spell.phase, spell.span.starts_at.0, spell.span.seconds() / MINUTE),
        phase: spell.phase,
        span: spell.span,
        organisation_uscc: outsider,
        booking_code: None,
        purpose_kind: (spell.phase == Phase::Run).then(|| if luck.hits(70) { PurposeKind::Research } else { PurposeKind::Inspection }),
        samples: spell.samples,
        source: if by_hand { Source::Staff } else { source(piece) },
    })
}

async fn take_time(tx: &mut Tx<'_>, scene: &Scene, company: &Company, block: &Block) -> Outcome<()> {
    let (lab, _) = piece_at(block.piece)?;
    let form = SlotForm { instrument_id: company.set(block.piece)?.id.clone(), kind: block.kind, span: block.span, note: block.note.to_owned() };
    let operator = company.member(FIRST_LAB + lab, Role::Operator)?;
    slots::make(tx, &scene.by(block.made_at, operator), &form).await?;
    Ok(())
}

/// The spells of each instrument, delivered at the end of each week, the last ones just now.
fn deliveries(now: Instant, timeline: &Timeline) -> Vec<(Instant, What)> {
    let mut found: Vec<(Instant, What)> = Vec::new();
    let week = |spell: &Spell| (spell.piece, spell.span.ends_at.day().monday());
    let mut spells = timeline.spells.clone();
    spells.sort_by_key(|spell| (week(spell), spell.span));
    for group in spells.chunk_by(|a, b| week(a) == week(b)) {
        let (piece, monday) = week(&group[0]);
        let told_at = monday.plus(6).at_minute(1320).max(group.iter().map(|spell| spell.span.ends_at).max().unwrap_or(now)).min(now.plus(-MINUTE));
        found.push((told_at, What::Usage(piece, group.to_vec())));
    }
    found
}
