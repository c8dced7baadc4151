//! Claims of the demo city: which settled orders are claimed together, and how far each claim comes. What is told is pure; [`take`] acts it.

use super::cast::{BUREAU, FALLEN_FIRM, FIRST_FIRM, FIRST_LAB, HOUSES};
use super::catalogue::{self, Evidence, Piece};
use super::history::{Progress, Script};
use super::luck::Luck;
use super::scene::{Company, Scene};
use super::story::Story;
use super::{papers, parties};
use crate::actions::claims::answers::{AnswerForm, answer, withdraw};
use crate::actions::claims::filing::{ClaimForm, file};
use crate::actions::claims::payment::{claw_back, pay};
use crate::actions::claims::review::{approve, reject, send_back};
use crate::actions::files::{self, Upload};
use crate::actions::{Error, Outcome};
use crate::app::App;
use crate::base::time::{DAY, Instant};
use crate::domain::actors::Member;
use crate::domain::calendar::Calendar;
use crate::domain::claims::{Filing, State};
use crate::domain::roles::Role;
use crate::domain::vouchers::{VoucherChoice, eligible_purpose};
use crate::store::files::File;
use crate::store::{self, Tx};

/// The part of the story in which papers are handed in.
const PAPERS: u64 = 4;
/// Places in the bureau's house: two officers, the reviewer.
const OFFICERS: [usize; 2] = [0, 1];
const REVIEWER: usize = 2;

/// A step of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// 提交.
    File,
    /// 初审通过.
    Approve,
    /// 复审通过, where it is waited for.
    ApproveSecond,
    /// 退回补正.
    SendBack,
    /// 补正.
    Answer,
    /// 驳回.
    Reject,
    /// 撤回.
    Withdraw,
    /// 兑付.
    Pay,
    /// 追回.
    ClawBack,
}

/// A claim that will be filed.
#[derive(Debug, Clone)]
pub struct Filed {
    /// Whose: a place in the cast.
    pub firm: usize,
    /// Of which institution, 0 to 2.
    pub lab: usize,
    /// Which orders.
    pub orders: Vec<usize>,
    /// When what happens.
    pub events: Vec<(Instant, Step)>,
    /// Contract, invoice, payment proof, report; kept already.
    pub papers: Vec<File>,
}

/// Which claims there will be.
#[must_use]
pub fn tell(now: Instant, calendar: &Calendar, story: &Story) -> Vec<Filed> {
    let pieces: Vec<(usize, &Piece)> = catalogue::all().collect();
    // Costly sets that do not report by themselves are a reason for a second look.
    let warned = |order: usize| {
        let piece = story.orders.get(order).and_then(|order| pieces.get(order.visit.piece));
        piece.is_some_and(|(_, piece)| piece.value_yuan >= 500_000 && !matches!(piece.evidence, Evidence::Agent | Evidence::Meter))
    };
    let labs: Vec<usize> = pieces.iter().map(|(lab, _)| *lab).collect();
    let mut found = Vec::new();
    for firm in (FIRST_FIRM..=FALLEN_FIRM).filter(|firm| *firm != FIRST_FIRM + 3) {
        for lab in 0..super::cast::LABS {
            found.extend(gather(now, calendar, story, &labs, (firm, lab)));
        }
    }
    found.sort_by_key(|(filed_at, claim)| (*filed_at, claim.firm, claim.lab));
    // The fallen firm claimed once.
    let mut fell = 0;
    found.retain(|(_, claim)| {
        fell += usize::from(claim.firm == FALLEN_FIRM);
        claim.firm != FALLEN_FIRM || fell == 1
    });
    let mut second = 0;
    let mut turns = [0_usize; 3];
    found
        .into_iter()
        .map(|(filed_at, mut claim)| {
            let warns = claim.orders.iter().any(|order| warned(*order));
            let age = (now.0 - filed_at.0) / DAY;
            let waits = warns && second < 2 && (2..25).contains(&age) && claim.firm != FALLEN_FIRM;
            second += usize::from(waits);
            let steps = if waits { &[Step::Approve][..] } else { fate(&claim, age, &mut turns) };
            let mut at = filed_at;
            let mut luck = Luck::of("claim", filed_at.0);
            claim.events.push((at, Step::File));
            for step in steps {
                let hours = luck.between(3, 10);
                at = luck.later(calendar.add_working_hours(at, hours), 5, 50);
                if at <= now {
                    claim.events.push((at, *step));
                }
            }
            claim
        })
        .collect()
}

/// What becomes of a claim of an age in days, by turns.
fn fate(claim: &Filed, age: i64, turns: &mut [usize; 3]) -> &'static [Step] {
    const PAID: &[Step] = &[Step::Approve, Step::ApproveSecond, Step::Pay];
    const OLD: [&[Step]; 5] = [PAID, &[Step::Reject], PAID, &[Step::Withdraw], PAID];
    const RECENT: [&[Step]; 4] = [&[Step::SendBack], &[Step::Approve, Step::ApproveSecond], &[Step::SendBack, Step::Answer], PAID];
    const FRESH: [&[Step]; 3] = [&[], &[Step::SendBack], &[]];
    let mut next = |bracket: usize| {
        turns[bracket] += 1;
        turns[bracket] - 1
    };
    match age {
        _ if claim.firm == FALLEN_FIRM => &[Step::Approve, Step::ApproveSecond, Step::Pay, Step::ClawBack],
        16.. => OLD[next(0) % OLD.len()],
        5.. => RECENT[next(1) % RECENT.len()],
        _ => FRESH[next(2) % FRESH.len()],
    }
}

/// Settled orders of a firm and an institution in groups, each with the instant of its filing.
fn gather(now: Instant, calendar: &Calendar, story: &Story, labs: &[usize], (firm, lab): (usize, usize)) -> Vec<(Instant, Filed)> {
    let mut settled: Vec<(Instant, usize)> = (0..)
        .zip(&story.orders)
        .filter(|(_, order)| order.firm == firm && order.voucher != VoucherChoice::None && eligible_purpose(order.purpose_kind))
        .filter(|(_, order)| labs.get(order.visit.piece) == Some(&lab) && order.visit.span.starts_at.day().year() == now.day().year())
        .filter_map(|(number, _)| story.settled_at.get(number).copied().flatten().map(|at| (at, number)))
        .collect();
    settled.sort_unstable();
    let mut luck = Luck::of(HOUSES[firm].key, i64::try_from(lab).unwrap_or(0));
    let mut found = Vec::new();
    let mut rest = &settled[..];
    while !rest.is_empty() {
        let many = usize::try_from(luck.between(1, 3)).unwrap_or(1).min(rest.len());
        let (group, left) = rest.split_at(many);
        rest = left;
        let settled_at = group.iter().map(|(at, _)| *at).max().unwrap_or(now);
        let hours = luck.between(6, 30);
        let filed_at = luck.later(calendar.add_working_hours(settled_at, hours), 5, 50);
        // The first firm has something left to claim.
        if filed_at <= now && !(firm == FIRST_FIRM && rest.is_empty()) {
            let orders = group.iter().map(|(_, number)| *number).collect();
            found.push((filed_at, Filed { firm, lab, orders, events: Vec::new(), papers: Vec::new() }));
        }
    }
    found
}

/// Keeps the papers of every claim, before the transactions that write their rows.
pub async fn prepare(app: &App, company: &Company, claims: &mut [Filed]) -> Outcome<()> {
    let scene = Scene::new(PAPERS);
    for (number, claim) in claims.iter_mut().enumerate() {
        let Some((filed_at, _)) = claim.events.first() else { continue };
        let finance = company.member(claim.firm, Role::Finance)?;
        let (buyer, seller) = (HOUSES[claim.firm].name, HOUSES[FIRST_LAB + claim.lab].name);
        let year = filed_at.day().year();
        let lines = |about: &str| {
            vec![
                format!("委托方：{buyer}"),
                format!("服务方：{seller}"),
                about.to_owned(),
                format!("编号：{year}-{:03}", number + 17),
                "演示文件，仅供试用。".to_owned(),
            ]
        };
        let seed = u32::try_from(number).unwrap_or(0);
        let papers = [
            ("技术服务合同.pdf", papers::pdf("技术服务合同", &lines("服务内容：仪器机时与分析测试"))),
            ("电子发票.pdf", papers::pdf("电子发票（普通发票）", &lines("项目：*研发服务*仪器机时"))),
            ("付款凭证.png", papers::png(seed)),
            ("结果报告.pdf", papers::pdf("检测结果报告", &lines("结论：见附图与数据表"))),
        ];
        for (name, bytes) in papers {
            let upload = Upload::look("file", name, bytes).map_err(|wrong| Error::Failed(format!("{name}: {wrong:?}")))?;
            claim.papers.push(files::keep(&app.files, &scene.by(filed_at.plus(-900), finance), finance, upload).await?);
        }
    }
    Ok(())
}

/// Takes a step of a claim.
pub async fn take(tx: &mut Tx<'_>, scene: &Scene, script: &Script<'_>, at: Instant, (number, step): (usize, Step), progress: &mut Progress) -> Outcome<()> {
    let Some(claim) = script.claims.get(number) else { return Ok(()) };
    let finance = script.company.member(claim.firm, Role::Finance)?;
    if step == Step::File {
        progress.claims[number] = hand_in(tx, scene, at, finance, claim, number, progress).await?;
        return Ok(());
    }
    let Some(id) = progress.claims.get(number).cloned().flatten() else { return Ok(()) };
    let bureau = |index: usize| script.company.at(BUREAU, index);
    // Who approves second or pays is not who approved first.
    let (first, second) = if number % 2 == 0 { (REVIEWER, OFFICERS[0]) } else { (OFFICERS[0], REVIEWER) };
    let by = |member: &Member| scene.by(at, member);
    match step {
        Step::File => return Ok(()),
        Step::Approve => approve(tx, &by(bureau(first)?), &id, Some("材料齐全，金额相符。"), None).await?,
        Step::ApproveSecond if !waits_for_second(tx, &id).await? => return Ok(()),
        Step::ApproveSecond => approve(tx, &by(bureau(second)?), &id, Some("复核无误。"), None).await?,
        Step::SendBack => send_back(tx, &by(bureau(first)?), &id, "付款凭证看不清付款方名称，请补充银行回单。", None).await?,
        Step::Answer => {
            let form = AnswerForm {
                file_ids: vec![claim.papers[2].id.clone()], note: Some("已补充银行回单，付款方为本公司。".to_owned()), version: None
            };
            answer(tx, &by(finance), &id, &form).await?
        }
        Step::Reject => reject(tx, &by(bureau(first)?), &id, "结果报告与合同约定的服务内容不符。", None).await?,
        Step::Withdraw => withdraw(tx, &by(finance), &id, None).await?,
        Step::Pay => pay(tx, &by(bureau(OFFICERS[1])?), &id, &format!("QD{}{:04}", at.day().to_string().replace('-', ""), number + 31), None).await?,
        Step::ClawBack => {
            let amount_fen = store::claims::find(tx, &id).await?.map_or(0, |claim| claim.amount_fen);
            claw_back(tx, &by(bureau(OFFICERS[0])?), &id, "经核实，检测样品由关联公司提供，服务并非本企业研发所需。", amount_fen, None).await?
        }
    };
    Ok(())
}

async fn waits_for_second(tx: &mut Tx<'_>, id: &str) -> Outcome<bool> {
    Ok(store::claims::find(tx, id).await?.is_some_and(|claim| claim.state == State::SecondReview))
}

/// Files a claim over those of its orders that hold something; `None` when none does.
async fn hand_in(tx: &mut Tx<'_>, scene: &Scene, at: Instant, finance: &Member, claim: &Filed, number: usize, progress: &Progress) -> Outcome<Option<String>> {
    let mut booking_ids = Vec::new();
    let mut actual_fen = 0;
    for order in &claim.orders {
        let Some((id, _)) = progress.orders.get(*order).cloned().flatten() else { continue };
        let held_fen = store::holds::find(tx, &id).await?.map_or(0, |hold| hold.amount_fen);
        if let Some(booking) = store::bookings::find(tx, &id).await?.filter(|_| held_fen > 0) {
            actual_fen += booking.actual_fen.unwrap_or(0);
            booking_ids.push(id);
        }
    }
    let [contract, invoice, proof, report] = claim.papers.as_slice() else { return Ok(None) };
    if booking_ids.is_empty() {
        return Ok(None);
    }
    for paper in &claim.papers {
        files::add(tx, &scene.by(at.plus(-600), finance), paper).await?;
    }
    let filing = Filing {
        booking_ids,
        invoice_number: format!("26372000{:012}", 184_207 + number * 7919),
        invoice_code: None,
        seller_uscc: parties::uscc(&HOUSES[FIRST_LAB + claim.lab])?,
        invoice_fen: actual_fen,
        invoice_on: at.day().plus(-2),
        paid_fen: actual_fen,
        paid_on: at.day().plus(-1),
        file_ids: [invoice, proof, report].map(|paper| paper.id.clone()).to_vec(),
    };
    let form = ClaimForm { filing, contract_file_id: contract.id.clone() };
    Ok(Some(file(tx, &scene.by(at, finance), &form).await?.id))
}
