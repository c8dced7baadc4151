//! What 烟台芝罘化工研究院 shares.

use super::{Evidence, Hours, Listed, Load, Piece, set};
use crate::domain::instruments::{Funding, Kind};

/// Ten sets.
pub const PIECES: &[Piece] = &[
    set("ZFHG-GC-08", "气相色谱—质谱联用仪", "Gas chromatograph mass spectrometer", "8890-5977C", "安捷伦 Agilent")
        .of("010502", 920_000, 640, 18)
        .at("分析楼 203", "挥发与半挥发有机物、溶剂残留、香气成分；顶空与吹扫捕集。")
        .costs(80, 220, 290)
        .lives(Hours::Long, Load::Busy, Evidence::Agent)
        .automatic()
        .rules(0, 60, 480, 120),
    set("ZFHG-LC-03", "液相色谱—四极杆飞行时间质谱联用仪", "LC-QTOF mass spectrometer", "X500R", "SCIEX")
        .of("010203", 3_240_000, 910, 36)
        .at("分析楼 205", "农药与兽药残留筛查、杂质鉴定、天然产物；正负离子切换。")
        .costs(200, 550, 690)
        .lives(Hours::Office, Load::Fair, Evidence::Qr)
        .late(20),
    set("ZFHG-GD-01", "辉光放电质谱仪", "Glow discharge mass spectrometer", "Astrum ES", "Nu Instruments")
        .of("010205", 6_900_000, 1220, 43)
        .at("分析楼 101", "高纯金属与半导体材料 70 余种杂质元素全分析，检出限 ppb 级。")
        .costs(500, 0, 1280)
        .lives(Hours::Office, Load::Fair, Evidence::Meter)
        .rules(60, 120, 480, 4320)
        .late(30),
    set("ZFHG-IR-02", "傅里叶变换红外光谱仪", "Fourier transform infrared spectrometer", "INVENIO S", "布鲁克 Bruker")
        .of("010402", 480_000, 1680, 23)
        .at("分析楼 208", "官能团鉴定、衰减全反射、显微红外；自主上机，随到随测。")
        .costs(60, 185, 240)
        .lives(Hours::Long, Load::Fair, Evidence::Qr)
        .automatic()
        .rules(0, 30, 240, 60),
    set("ZFHG-RE-01", "全自动反应量热仪", "Reaction calorimeter", "RC1mx", "梅特勒—托利多")
        .of("010903", 1_920_000, 750, 71)
        .at("安全楼 106", "放热速率、绝热温升、失控风险评估；反应釜 0.5 至 2 升。")
        .costs(140, 0, 340)
        .lives(Hours::Office, Load::Quiet, Evidence::Staff)
        .rules(60, 240, 540, 2880),
    set("ZFHG-PL-02", "连续流微反应中试装置", "Continuous-flow pilot plant", "G4 SiC，200 吨/年", "康宁 Corning")
        .of("130102", 5_200_000, 490, 38)
        .at("中试车间东跨", "硝化、加氢、重氮化等强放热反应的连续化放大；防爆，配中控系统。")
        .kind(Kind::PilotLine)
        .paid_by(Funding::PartlyPublic)
        .costs(450, 0, 980)
        .lives(Hours::Office, Load::Quiet, Evidence::Meter)
        .rules(60, 240, 540, 7200)
        .late(50),
    set("ZFHG-NU-01", "低本底高纯锗 γ 能谱仪", "Low-background HPGe gamma spectrometer", "GEM50", "ORTEC")
        .of("100102", 1_120_000, 1390, 32)
        .at("分析楼地下室", "建材、水体、食品放射性核素；铅室屏蔽，单样计数 8 至 24 小时。")
        .costs(50, 160, 0)
        .lives(Hours::Always, Load::Nights, Evidence::Agent)
        .automatic()
        .rules(0, 240, 2880, 240),
    set("ZFHG-ME-04", "三坐标测量机", "Coordinate measuring machine", "Contura 7/10/6", "蔡司 Carl Zeiss")
        .of("030102", 1_640_000, 1150, 26)
        .at("机加楼 104", "轴承套圈、阀体与模具的尺寸与形位公差；恒温 20 ± 0.5 ℃。")
        .costs(90, 240, 310)
        .lives(Hours::Office, Load::Fair, Evidence::Qr)
        .automatic()
        .rules(0, 60, 480, 240),
    set("ZFHG-SP-09", "微波消解系统", "Microwave digestion system", "MARS 6", "培安 CEM")
        .of("011202", 286_000, 2680, 30)
        .at("分析楼 201", "样品前处理；已由新机替代。")
        .paid_by(Funding::Private)
        .costs(20, 60, 0)
        .lives(Hours::Office, Load::Idle, Evidence::Staff)
        .is(Listed::Retired),
    set("ZFHG-OT-01", "步入式恒温恒湿环境舱", "Walk-in climatic chamber", "WKL 64 m³", "伟思富奇 Weiss")
        .of("120101", 660_000, 29, 0)
        .at("机加楼一层", "整机与包装件温湿度试验，−40 至 80 ℃。")
        .costs(40, 120, 0)
        .is(Listed::NotYet),
];
