//! What 青岛崂山海洋材料研究院 shares.

use super::{Evidence, Hours, Listed, Load, Piece, set};
use crate::domain::instruments::{Funding, Kind};

/// Sixteen sets; the first is what the demo's first manager shows.
pub const PIECES: &[Piece] = &[
    set("LHCL-EM-007", "场发射扫描电子显微镜", "Field emission scanning electron microscope", "GeminiSEM 500", "蔡司 Carl Zeiss")
        .of("010101", 4_860_000, 980, 27)
        .at(
            "2 号楼 B107",
            "涂层截面、锂电材料、海洋防腐膜层的微观形貌与成分；颗粒与断口分析。分辨率 0.6 nm（15 kV），配能谱 Oxford Ultim Max 100 与背散射衍射 Symmetry S3。",
        )
        .costs(260, 685, 865)
        .lives(Hours::Office, Load::Busy, Evidence::Agent)
        .rules(30, 60, 480, 1440)
        .late(20),
    set("LHCL-EM-009", "聚焦离子束—电子束双束显微镜", "Focused ion beam scanning electron microscope", "Crossbeam 550", "蔡司 Carl Zeiss")
        .of("010102", 9_240_000, 610, 41)
        .at("2 号楼 B109", "透射样品制备、三维重构、微区切割。镓离子源，最高 30 kV，气体注入系统五路。")
        .costs(620, 0, 1380)
        .lives(Hours::Office, Load::Fair, Evidence::Agent)
        .rules(30, 120, 480, 2880)
        .late(30),
    set("LHCL-SP-011", "共聚焦拉曼光谱仪", "Confocal Raman spectrometer", "LabRAM Odyssey", "堀场 HORIBA")
        .of("010403", 1_980_000, 1320, 22)
        .at("1 号楼 305", "膜层应力分布、石墨烯与碳材料、微塑料鉴别。激光 325、532、633、785 nm，空间分辨率 0.5 μm。")
        .costs(150, 360, 460)
        .lives(Hours::Long, Load::Busy, Evidence::Qr)
        .late(20),
    set("LHCL-XR-002", "X 射线衍射仪", "X-ray diffractometer", "SmartLab 9 kW", "理学 Rigaku")
        .of("010301", 2_600_000, 1510, 29)
        .at("1 号楼 112", "物相、残余应力、织构、薄膜掠入射与反射率；变温 −180 至 1100 ℃。")
        .costs(120, 315, 395)
        .lives(Hours::Long, Load::Busy, Evidence::Meter)
        .automatic()
        .rules(0, 30, 360, 240),
    set("LHCL-SP-004", "原子力显微镜", "Atomic force microscope", "Dimension Icon", "布鲁克 Bruker")
        .of("010802", 2_210_000, 1130, 33)
        .at("1 号楼 308", "表面粗糙度、相位、力曲线、导电与磁力模式；样品直径至 150 mm。")
        .costs(160, 380, 480)
        .lives(Hours::Office, Load::Fair, Evidence::Qr),
    set("LHCL-ME-001", "纳米压痕仪", "Nanoindenter", "G200X", "科磊 KLA")
        .of("020101", 1_450_000, 890, 58)
        .at("1 号楼 210", "薄膜与涂层的硬度、模量、划痕结合力；连续刚度法。")
        .costs(130, 300, 0)
        .lives(Hours::Office, Load::Fair, Evidence::Staff),
    set("LHCL-TA-006", "同步热分析仪", "Simultaneous thermal analyser", "STA 449 F3", "耐驰 NETZSCH")
        .of("010901", 860_000, 1740, 30)
        .at("1 号楼 214", "热重与差热同步，室温至 1600 ℃，联用红外逸出气体分析；自动进样 20 位，可夜间运行。")
        .costs(60, 160, 0)
        .lives(Hours::Always, Load::Nights, Evidence::Agent)
        .automatic()
        .rules(0, 60, 1440, 120),
    set("LHCL-SF-002", "光学接触角测量仪", "Contact angle goniometer", "DSA100", "克吕士 KRÜSS")
        .of("020402", 380_000, 660, 19)
        .at("1 号楼 215", "静态、动态接触角与表面能；防污涂层润湿性评价。")
        .costs(30, 90, 0)
        .lives(Hours::Office, Load::Quiet, Evidence::Qr)
        .automatic()
        .rules(0, 30, 240, 60),
    set("LHCL-EC-005", "多通道电化学工作站", "Multichannel electrochemical workstation", "VMP-300", "Bio-Logic")
        .of("010701", 620_000, 1240, 26)
        .at("1 号楼 118", "腐蚀电位、交流阻抗、长期循环；16 通道，浸泡试验可连续多日。")
        .costs(40, 110, 0)
        .lives(Hours::Always, Load::Nights, Evidence::Meter)
        .automatic()
        .rules(0, 120, 2880, 240),
    set("LHCL-CR-003", "循环腐蚀盐雾试验箱", "Cyclic corrosion chamber", "Q-FOG CRH 1100", "Q-Lab")
        .of("110202", 320_000, 520, 44)
        .at("5 号楼一层", "中性盐雾、循环腐蚀、湿热交变；符合 GB/T 10125、ISO 11997。")
        .costs(20, 45, 0)
        .lives(Hours::Always, Load::Nights, Evidence::Staff)
        .rules(60, 720, 10_080, 2880),
    set("LHCL-OC-001", "深海高压环境模拟舱", "Deep-sea pressure test chamber", "DHP-110 MPa", "青岛制造，自研")
        .of("050301", 6_400_000, 1420, 37)
        .at("6 号楼高压试验间", "模拟 11000 米水深的静压与循环压力，舱内径 600 mm，供传感器、壳体、密封件试验。")
        .costs(420, 0, 960)
        .lives(Hours::Long, Load::Fair, Evidence::Meter)
        .rules(60, 120, 720, 4320)
        .late(30),
    set("LHCL-OC-004", "多波束测深系统", "Multibeam echo sounder", "Sonic 2024", "R2Sonic")
        .of("050102", 3_180_000, 1980, 52)
        .at("6 号楼设备库", "近岸海底地形测量，200 至 450 kHz 可调；随船使用，提前一周预约。")
        .costs(300, 0, 720)
        .lives(Hours::Office, Load::Idle, Evidence::Staff)
        .is(Listed::Suspended),
    set("LHCL-PL-001", "海洋防腐涂层中试线", "Pilot line for marine coatings", "HFT-500", "无锡华辰，定制")
        .of("130101", 8_600_000, 430, 62)
        .at("7 号楼", "日产 500 kg 级涂料制备、辊涂与固化；含在线粘度与膜厚监测，配工艺工程师两名。")
        .kind(Kind::PilotLine)
        .costs(560, 0, 1260)
        .lives(Hours::Office, Load::Quiet, Evidence::Staff)
        .rules(60, 240, 540, 7200)
        .late(50),
    set("LHCL-XR-005", "X 射线三维显微镜", "X-ray microscope", "Xradia 610 Versa", "蔡司 Carl Zeiss")
        .of("010305", 12_400_000, 78, 0)
        .at("2 号楼 B103", "无损三维成像，空间分辨率 0.5 μm，四维原位加载台。")
        .costs(700, 0, 1550)
        .is(Listed::NotYet),
    set("LHCL-DP-001", "原子层沉积设备", "Atomic layer deposition system", "TFS 200", "倍耐克 Beneq")
        .of("130203", 3_750_000, 36, 0)
        .at("2 号楼洁净间", "氧化铝、氧化锌等薄膜，200 mm 基片，粉体包覆腔。")
        .costs(260, 580, 720)
        .is(Listed::NotYet),
    set("LHCL-CP-001", "材料计算集群", "Materials computing cluster", "曙光 TC6600，1024 核", "中科曙光")
        .of("140101", 2_900_000, 820, 31)
        .at("1 号楼机房", "第一性原理与分子动力学；按整机时预约，作业脚本与环境由机组代为配置。")
        .paid_by(Funding::PartlyPublic)
        .costs(50, 130, 0)
        .lives(Hours::Always, Load::Nights, Evidence::Agent)
        .automatic()
        .rules(0, 60, 2880, 60),
];
