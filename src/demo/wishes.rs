//! What enterprises ask for: work that suits each of them, and the order that a visit becomes. Pure.

use super::cast;
use super::catalogue::Piece;
use super::luck::Luck;
use super::timeline::Visit;
use crate::base::time::{DAY, Instant};
use crate::domain::instruments::Mode;
use crate::domain::vouchers::{PurposeKind, VoucherChoice};

/// What an enterprise asks for.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Which instrument and when.
    pub visit: Visit,
    /// Whose: a place in the cast.
    pub firm: usize,
    /// How.
    pub mode: Mode,
    /// Whether a voucher pays its share.
    pub voucher: VoucherChoice,
    /// What for, as a kind.
    pub purpose_kind: PurposeKind,
    /// What for, in words.
    pub purpose: &'static str,
    /// To the institution.
    pub note: &'static str,
    /// Whether it is confidential.
    pub confidential: bool,
}

const WORK: [&[(PurposeKind, &str)]; 5] = [
    &[
        (PurposeKind::Research, "防腐涂层截面形貌与元素分布"),
        (PurposeKind::Research, "防污涂层老化后的表面成分变化"),
        (PurposeKind::Inspection, "涂料批次质量检测"),
        (PurposeKind::Research, "石墨烯改性环氧涂层界面分析"),
    ],
    &[
        (PurposeKind::Research, "药物微球包封率与分布"),
        (PurposeKind::Research, "海藻多糖结构鉴定"),
        (PurposeKind::Inspection, "中间体杂质定量"),
        (PurposeKind::Research, "候选化合物代谢产物筛查"),
        (PurposeKind::Medical, "临床样本药代检测"),
    ],
    &[
        (PurposeKind::Inspection, "轴承套圈断口分析"),
        (PurposeKind::Research, "表面硬化层深度与残余应力"),
        (PurposeKind::Research, "润滑膜磨损颗粒成分"),
        (PurposeKind::CommercialInspection, "出口批次商业验货"),
    ],
    &[
        (PurposeKind::Inspection, "农药残留检测"),
        (PurposeKind::Inspection, "重金属与形态砷检测"),
        (PurposeKind::Statutory, "食品标签法定检验"),
        (PurposeKind::Research, "发酵饮料风味物质研究"),
    ],
    &[(PurposeKind::Research, "阻燃母粒热分解行为"), (PurposeKind::Inspection, "进口树脂批次检测")],
];

/// The order that a visit becomes.
pub fn order_of(now: Instant, visit: Visit, piece: &Piece, luck: &mut Luck) -> Order {
    let long_ago = visit.span.ends_at < now.plus(-34 * DAY);
    let place = match luck.between(0, 99) {
        roll @ 0..=24 if long_ago && roll < 14 => 4,
        0..=15 => 0,
        16..=47 => 1,
        48..=76 => 2,
        _ => 3,
    };
    let (purpose_kind, purpose) = WORK[place][usize::try_from(luck.between(0, 99)).unwrap_or(0) % WORK[place].len()];
    let voucher = match (place, luck.between(0, 9)) {
        (3, 0..=5) | (_, 0) => VoucherChoice::None,
        (1, 1..=2) if visit.span.starts_at.day().year() == now.day().year() => VoucherChoice::Required,
        _ => VoucherChoice::UpTo,
    };
    // A full share is not to be had for what is not subsidised.
    let voucher =
        if matches!(purpose_kind, PurposeKind::Research | PurposeKind::Inspection) || voucher == VoucherChoice::None { voucher } else { VoucherChoice::UpTo };
    let by_oneself = piece.prices.1 > 0 && (piece.prices.2 == 0 || luck.hits(55));
    Order {
        visit,
        firm: cast::FIRST_FIRM + place,
        mode: if by_oneself { Mode::SelfService } else { Mode::Operator },
        voucher,
        purpose_kind,
        purpose,
        note: luck.pick(&["", "", "", "样品 4 个，已固定", "请协助喷金", "样品含有机溶剂，请开通风", "需要原始数据", "第一次来，请带一下路"]),
        confidential: place == 1 && luck.hits(30),
    }
}
