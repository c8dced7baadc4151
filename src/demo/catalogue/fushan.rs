//! What 青岛浮山大学 shares.

use super::{Evidence, Hours, Listed, Load, Piece, set};
use crate::domain::instruments::{Funding, Kind};

/// Fourteen sets.
pub const PIECES: &[Piece] = &[
    set("FSU-NMR-01", "600 MHz 核磁共振波谱仪", "600 MHz nuclear magnetic resonance spectrometer", "Avance NEO，低温探头", "布鲁克 Bruker")
        .of("010601", 7_800_000, 1180, 35)
        .at("化学楼 B02", "溶液结构、代谢组、二维与三维谱；自动进样 60 位，夜间连续采集。")
        .costs(180, 590, 760)
        .lives(Hours::Always, Load::Nights, Evidence::Agent)
        .rules(0, 60, 960, 1440)
        .late(20),
    set("FSU-NMR-02", "400 MHz 核磁共振波谱仪", "400 MHz nuclear magnetic resonance spectrometer", "JNM-ECZL400S", "日本电子 JEOL")
        .of("010601", 3_100_000, 1560, 28)
        .at("化学楼 B03", "常规氢谱、碳谱、氟谱、磷谱；持证用户自主上机，机时按实际采集计。")
        .costs(80, 240, 320)
        .lives(Hours::Always, Load::Nights, Evidence::Agent)
        .automatic()
        .rules(0, 30, 720, 60),
    set("FSU-MS-04", "轨道阱高分辨质谱仪", "Orbitrap high-resolution mass spectrometer", "Orbitrap Exploris 240", "赛默飞 Thermo Fisher")
        .of("010203", 6_100_000, 700, 30)
        .at("生命楼 214", "蛋白质组、药物代谢、环境未知物筛查；分辨率 240000。")
        .costs(300, 0, 880)
        .lives(Hours::Long, Load::Busy, Evidence::Agent)
        .rules(30, 60, 600, 1440)
        .late(20),
    set("FSU-MS-02", "电感耦合等离子体质谱仪", "Inductively coupled plasma mass spectrometer", "8900 三重四极杆", "安捷伦 Agilent")
        .of("010201", 3_400_000, 1340, 25)
        .at("环境楼 118", "海水、食品、药品中痕量元素与形态分析；检出限至 ppt 级。")
        .costs(160, 480, 620)
        .lives(Hours::Long, Load::Busy, Evidence::Qr),
    set("FSU-LM-03", "激光共聚焦显微镜", "Laser scanning confocal microscope", "LSM 980", "蔡司 Carl Zeiss")
        .of("010801", 4_220_000, 940, 47)
        .at("生命楼 106", "活细胞与组织三维成像、荧光共振能量转移、药物微球分布；Airyscan 2 超分辨。")
        .costs(160, 460, 580)
        .lives(Hours::Long, Load::Busy, Evidence::Meter)
        .rules(0, 60, 480, 720)
        .late(10),
    set("FSU-FC-01", "流式细胞分选仪", "Cell sorter", "FACSAria Fusion", "碧迪 BD")
        .of("090301", 3_900_000, 860, 39)
        .at("生命楼 110", "多色流式分析与四路分选，生物安全柜内操作。")
        .costs(200, 0, 640)
        .lives(Hours::Office, Load::Fair, Evidence::Staff),
    set("FSU-XP-01", "X 射线光电子能谱仪", "X-ray photoelectron spectrometer", "ESCALAB Xi+", "赛默飞 Thermo Fisher")
        .of("010304", 5_600_000, 1010, 31)
        .at("材料楼 B05", "表面元素、价态、深度剖析；氩团簇离子枪，紫外光电子能谱。")
        .costs(320, 0, 960)
        .lives(Hours::Office, Load::Fair, Evidence::Agent)
        .rules(30, 60, 480, 2880)
        .late(30),
    set("FSU-TE-01", "高分辨透射电子显微镜", "High-resolution transmission electron microscope", "Talos F200X", "FEI")
        .of("010102", 11_800_000, 1620, 34)
        .at("材料楼 B01", "晶格像、选区衍射、四探头能谱面分布；200 kV 场发射。")
        .costs(480, 0, 1450)
        .lives(Hours::Office, Load::Busy, Evidence::Agent)
        .rules(30, 120, 540, 2880)
        .late(30),
    set("FSU-LS-02", "飞秒激光放大系统", "Femtosecond laser amplifier", "Astrella", "相干 Coherent")
        .of("150101", 4_600_000, 1270, 66)
        .at("物理楼 109", "瞬态吸收、多光子加工；35 fs，7 mJ，1 kHz，配光学参量放大。")
        .costs(220, 520, 660)
        .lives(Hours::Office, Load::Fair, Evidence::Staff),
    set("FSU-EL-05", "矢量网络分析仪", "Vector network analyser", "N5247B PNA-X", "是德科技 Keysight")
        .of("080203", 2_720_000, 1090, 21)
        .at("信息楼 402", "10 MHz 至 67 GHz 散射参数、天线与吸波材料测试；配波导校准件。")
        .costs(110, 280, 360)
        .lives(Hours::Long, Load::Fair, Evidence::Qr)
        .automatic()
        .rules(0, 60, 480, 240),
    set("FSU-AT-01", "气溶胶激光雷达", "Aerosol lidar", "AGHJ-I-LIDAR", "无锡中科光电")
        .of("070201", 2_140_000, 1890, 55)
        .at("海洋楼楼顶观测场", "近海大气颗粒物垂直分布与边界层高度，30 米至 10 公里。")
        .costs(120, 0, 300)
        .lives(Hours::Always, Load::Idle, Evidence::Staff)
        .rules(0, 240, 2880, 4320),
    set("FSU-GE-02", "浅地层剖面仪", "Sub-bottom profiler", "SES-2000 medium", "Innomar")
        .of("060102", 1_360_000, 1450, 49)
        .at("海洋楼设备库", "海底浅地层结构与管线探测，参量阵，穿透 50 米。")
        .costs(130, 0, 340)
        .lives(Hours::Office, Load::Quiet, Evidence::Staff)
        .rules(0, 240, 540, 7200),
    set("FSU-AS-01", "0.6 米光学望远镜", "0.6 m optical telescope", "RC24，焦比 f/8", "南京天仪")
        .of("040101", 3_620_000, 2350, 40)
        .at("崂山观测站", "变星与近地天体测光，赤道仪自动导星；阴雨不开。")
        .costs(100, 0, 260)
        .lives(Hours::Always, Load::Idle, Evidence::Staff)
        .is(Listed::Suspended),
    set("FSU-CT-01", "早期临床试验与药代检测服务", "Early-phase clinical trial service", "24 床位", "附属医院一期病房")
        .of("090501", 4_080_000, 560, 33)
        .at("附属医院科研楼 5 层", "一期试验与生物等效性研究，样本采集、离心、冻存与药代检测；伦理审查另行办理。")
        .kind(Kind::ClinicalTrial)
        .paid_by(Funding::PartlyPublic)
        .costs(400, 0, 1100)
        .lives(Hours::Always, Load::Quiet, Evidence::Staff)
        .rules(0, 240, 1440, 10_080)
        .late(50),
];
