//! What happens to an order, one step at a time.

use super::cast::{self, FIRST_LAB};
use super::history::{Progress, Script, deliver, deliverer, piece_at, source};
use super::luck::Luck;
use super::scene::Scene;
use super::story::{By, Step};
use super::wishes::Order;
use crate::actions::bookings::ActForm;
use crate::actions::bookings::answers::{approve, cancel, decline, expire, miss};
use crate::actions::bookings::attendance::{check_in, check_out, end_use, undo_no_show};
use crate::actions::bookings::book::{BookForm, book};
use crate::actions::bookings::due::JOB;
use crate::actions::quotes::QuoteForm;
use crate::actions::statements::{self, StatementForm};
use crate::actions::{Act, Error, Outcome};
use crate::base::time::{Instant, MINUTE, Span};
use crate::domain::actors::{Actor, Member};
use crate::domain::roles::Role;
use crate::domain::usage::{Phase, Segment};
use crate::store::{self, Tx};

const DECLINED: &[&str] = &["样品含强磁颗粒，本机不能测，请改约其他仪器。", "当日机组外出培训，无人值守。", "样品前处理说明不全，请补充后重新申请。"];
const CANCELLED: &[&str] = &["样品没有按时制好", "改用本公司设备", "项目节点推迟，另约时间"];
const CANCELLED_BY_LAB: &[&str] = &["液氦补充，当日停机", "机组人员临时出差"];
const DISPUTED: &[&str] = &["中途真空异常停机约 40 分钟，不应计费。", "实际只用了一半时间，后半段由机组调试。"];

/// Takes a step of an order.
pub async fn take(tx: &mut Tx<'_>, scene: &Scene, script: &Script<'_>, at: Instant, (number, step): (usize, Step), progress: &mut Progress) -> Outcome<()> {
    let Some(order) = script.story.orders.get(number) else { return Ok(()) };
    if step == Step::Book {
        let booked = place(tx, scene, script, at, order).await?;
        progress.orders[number] = Some(booked);
        return Ok(());
    }
    // Whatever follows an order that was refused has nothing to follow.
    let Some((id, code)) = progress.orders.get(number).cloned().flatten() else { return Ok(()) };
    let hand = Hand { scene, script, at, order, luck: Luck::of("reason", at.0), id: &id };
    match step {
        Step::Book => Ok(()),
        Step::Deliver(span) => hand.report(tx, &code, span).await,
        Step::State(percent) => hand.state(tx, percent).await,
        Step::Dispute => hand.dispute(tx).await,
        Step::Confirm(by) => hand.confirm(tx, by).await,
        other => hand.attend(tx, other).await,
    }
}

async fn place(tx: &mut Tx<'_>, scene: &Scene, script: &Script<'_>, at: Instant, order: &Order) -> Outcome<(String, String)> {
    let form = BookForm {
        quote: QuoteForm {
            instrument_id: script.company.set(order.visit.piece)?.id.clone(),
            span: order.visit.span,
            mode: order.mode,
            voucher: order.voucher,
            purpose_kind: order.purpose_kind,
        },
        purpose: order.purpose.to_owned(),
        confidential: order.confidential,
        note: order.note.to_owned(),
    };
    let booker = script.company.member(order.firm, Role::Booker)?;
    let (booking, _) = book(tx, &scene.by(at, booker), &form).await?;
    Ok((booking.id, booking.code))
}

/// A step at an instant, with all that it needs.
struct Hand<'a> {
    scene: &'a Scene,
    script: &'a Script<'a>,
    at: Instant,
    order: &'a Order,
    luck: Luck,
    id: &'a str,
}

impl Hand<'_> {
    fn firm(&self, role: Role) -> Outcome<&Member> {
        self.script.company.member(self.order.firm, role)
    }

    fn lab(&self, role: Role) -> Outcome<&Member> {
        let (lab, _) = piece_at(self.order.visit.piece)?;
        self.script.company.member(FIRST_LAB + lab, role)
    }

    fn form(&self, reasons: &[&'static str]) -> ActForm {
        ActForm { booking_id: self.id.to_owned(), reason: self.luck.clone().pick(reasons).to_owned(), version: None }
    }

    fn clock(&self) -> Act {
        self.scene.act(self.at, Actor::Job(JOB))
    }

    async fn attend(&self, tx: &mut Tx<'_>, step: Step) -> Outcome<()> {
        let by = |member: &Member| self.scene.by(self.at, member);
        match step {
            Step::Approve => approve(tx, &by(self.lab(Role::Manager)?), &self.form(&[])).await,
            Step::Decline => decline(tx, &by(self.lab(Role::Manager)?), &self.form(DECLINED)).await,
            Step::Expire => expire(tx, &self.clock(), self.id).await,
            Step::Cancel(By::Firm) => cancel(tx, &by(self.firm(Role::Booker)?), &self.form(CANCELLED)).await,
            Step::Cancel(_) => cancel(tx, &by(self.lab(Role::Manager)?), &self.form(CANCELLED_BY_LAB)).await,
            Step::Miss => miss(tx, &self.clock(), self.id).await,
            Step::UndoMiss => undo_no_show(tx, &by(self.lab(Role::Manager)?), &self.form(&["人到了，忘记扫码签到，机组已核实。"])).await,
            Step::CheckIn(By::Firm) => check_in(tx, &by(self.firm(Role::Booker)?), &self.form(&[])).await,
            Step::CheckIn(_) => check_in(tx, &by(self.lab(Role::Operator)?), &self.form(&[])).await,
            Step::CheckOut(By::Firm) => check_out(tx, &by(self.firm(Role::Booker)?), &self.form(&[])).await,
            Step::CheckOut(By::Lab) => check_out(tx, &by(self.lab(Role::Operator)?), &self.form(&[])).await,
            Step::CheckOut(By::Clock) => end_use(tx, &self.clock(), self.id).await,
            other => return Err(Error::Failed(format!("{other:?} is no step of attendance"))),
        }
        .map(|_| ())
    }

    /// What the machine did for the booking: warming up, run, and cleaning.
    async fn report(&self, tx: &mut Tx<'_>, code: &str, run: Span) -> Outcome<()> {
        let (lab, piece) = piece_at(self.order.visit.piece)?;
        let firm = &cast::HOUSES[self.order.firm];
        let warm = run.starts_at.plus(self.luck.clone().between(4, 12) * MINUTE).min(run.ends_at.plus(-MINUTE));
        let segment = |phase: Phase, span: Span, samples: Option<i64>| -> Outcome<Segment> {
            Ok(Segment {
                key: format!("{}-{phase}", code.to_lowercase()),
                phase,
                span,
                organisation_uscc: Some(super::parties::uscc(firm)?),
                booking_code: Some(code.to_owned()),
                purpose_kind: Some(self.order.purpose_kind),
                samples,
                source: source(piece),
            })
        };
        let samples = Some(self.luck.clone().between(1, 12));
        let segments = vec![segment(Phase::Startup, Span::new(run.starts_at, warm), None)?, segment(Phase::Run, Span::new(warm, run.ends_at), samples)?];
        let actor = deliverer(self.script.company, self.order.visit.piece, lab, piece)?;
        deliver(tx, self.scene, self.at, actor, &self.script.company.set(self.order.visit.piece)?.id, segments).await
    }

    async fn state(&self, tx: &mut Tx<'_>, percent: Option<i64>) -> Outcome<()> {
        let manager = self.lab(Role::Manager)?;
        let fee_fen = store::bookings::find(tx, self.id).await?.map_or(0, |booking| booking.fee_fen);
        let (actual_fen, reason) = match percent {
            None => (None, ""),
            Some(100) => (Some(fee_fen), "没有签退记录，按预约时长结算，双方已电话确认。"),
            Some(percent) => (Some(fee_fen * percent / 100), "扣除停机与调试时间后重新计算。"),
        };
        statements::issue(tx, &self.scene.by(self.at, manager), self.id, &StatementForm { actual_fen, reason: reason.to_owned(), version: None }).await?;
        Ok(())
    }

    async fn dispute(&self, tx: &mut Tx<'_>) -> Outcome<()> {
        let reason = self.luck.clone().pick(DISPUTED);
        statements::dispute(tx, &self.scene.by(self.at, self.firm(Role::Finance)?), self.id, reason, None).await?;
        Ok(())
    }

    async fn confirm(&self, tx: &mut Tx<'_>, by: By) -> Outcome<()> {
        if by == By::Clock {
            statements::confirm_by_time(tx, &self.clock(), self.id).await?;
        } else {
            let role = if self.luck.clone().hits(60) { Role::Booker } else { Role::Finance };
            statements::confirm(tx, &self.scene.by(self.at, self.firm(role)?), self.id, None).await?;
        }
        Ok(())
    }
}
