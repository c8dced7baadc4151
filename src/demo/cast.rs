//! Who lives in the demo city: the bureau, the operator of the platform, institutions, enterprises, and their people.
//!
//! All of it is invented. No enterprise is related to an institution; the order is that of the accounts in `demo.json`.

use crate::domain::roles::{Role, Side};

/// The one password of everybody in the demo.
pub const PASSWORD: &str = "yiqi-demo";

/// An organisation with its people.
#[derive(Debug)]
pub struct House {
    /// Short name in mail addresses.
    pub key: &'static str,
    /// The first 17 characters of its USCC.
    pub stem: &'static str,
    /// Name.
    pub name: &'static str,
    /// In what capacity.
    pub side: Side,
    /// GB/T 2260 code of its address.
    pub region: &'static str,
    /// Address.
    pub address: &'static str,
    /// Whether its people's accounts are shown: one enterprise is there only to have had a claim recovered.
    pub shown: bool,
    /// Role and name of each person.
    pub people: &'static [(Role, &'static str)],
}

/// The bureau.
pub const BUREAU: usize = 0;
/// The first of the three institutions.
pub const FIRST_LAB: usize = 2;
/// How many institutions there are.
pub const LABS: usize = 3;
/// The first of the enterprises.
pub const FIRST_FIRM: usize = FIRST_LAB + LABS;
/// The enterprise whose claim was recovered.
pub const FALLEN_FIRM: usize = FIRST_FIRM + 4;

/// Everybody, in the order of the accounts.
pub const HOUSES: &[House] = &[
    House {
        key: "bureau",
        stem: "11370200005118001",
        name: "青岛市科学技术局",
        side: Side::Bureau,
        region: "370200",
        address: "青岛市市南区香港中路 17 号",
        shown: true,
        people: &[(Role::Officer, "周启明"), (Role::Officer, "梁思远"), (Role::Reviewer, "何静姝"), (Role::Auditor, "宋衡之"), (Role::Admin, "徐岚")],
    },
    House {
        key: "platform",
        stem: "12370200MB1D07002",
        name: "青岛科研仪器共享平台运维中心",
        side: Side::Platform,
        region: "370212",
        address: "青岛市崂山区松岭路 169 号",
        shown: true,
        people: &[(Role::Ops, "陆川")],
    },
    House {
        key: "ocean",
        stem: "12370200MB2858013",
        name: "青岛崂山海洋材料研究院",
        side: Side::Institution,
        region: "370212",
        address: "青岛市崂山区科苑纬三路 17 号",
        shown: true,
        people: &[(Role::Admin, "郭砚清"), (Role::Manager, "孙晓岚"), (Role::Operator, "于海洲"), (Role::Finance, "丁若瑜")],
    },
    House {
        key: "fushan",
        stem: "12370200495512003",
        name: "青岛浮山大学",
        side: Side::Institution,
        region: "370202",
        address: "青岛市市南区浮山校路 5 号",
        shown: true,
        people: &[(Role::Admin, "潘维桢"), (Role::Manager, "郑以宁"), (Role::Operator, "马骏声"), (Role::Finance, "田一诺")],
    },
    House {
        key: "zhifu",
        stem: "12370600493350104",
        name: "烟台芝罘化工研究院",
        side: Side::Institution,
        region: "370600",
        address: "烟台市芝罘区机场路 88 号",
        shown: true,
        people: &[(Role::Admin, "姜鹤鸣"), (Role::Manager, "林知远"), (Role::Operator, "曲文博"), (Role::Finance, "邵晚晴")],
    },
    House {
        key: "lanke",
        stem: "91370214MA3CK7Q85",
        name: "青岛澜科涂层技术有限公司",
        side: Side::Enterprise,
        region: "370214",
        address: "青岛市城阳区锦宏东路 96 号",
        shown: true,
        people: &[(Role::Admin, "顾海峰"), (Role::Booker, "刘雨桐"), (Role::Finance, "王静怡")],
    },
    House {
        key: "weilan",
        stem: "91370212MA3D52R06",
        name: "青岛微澜生物医药科技有限公司",
        side: Side::Enterprise,
        region: "370212",
        address: "青岛市崂山区株洲路 187 号",
        shown: true,
        people: &[(Role::Admin, "方既白"), (Role::Booker, "赵珂"), (Role::Finance, "陈若溪")],
    },
    House {
        key: "xinche",
        stem: "91370215334110207",
        name: "青岛信澈精密轴承有限公司",
        side: Side::Enterprise,
        region: "370215",
        address: "青岛市即墨区烟青路 602 号",
        shown: true,
        people: &[(Role::Admin, "纪国栋"), (Role::Booker, "韩冬"), (Role::Finance, "吕心怡")],
    },
    House {
        key: "jiaoao",
        stem: "91370281MA3F0W318",
        name: "青岛胶澳食品科技有限公司",
        side: Side::Enterprise,
        region: "370281",
        address: "青岛市胶州市福州南路 211 号",
        shown: true,
        people: &[(Role::Admin, "宫丽华"), (Role::Booker, "邹明远"), (Role::Finance, "柳青")],
    },
    House {
        key: "haichen",
        stem: "91370211MA3GQ4409",
        name: "青岛海琛新材贸易有限公司",
        side: Side::Enterprise,
        region: "370211",
        address: "青岛市黄岛区漓江西路 877 号",
        shown: false,
        people: &[(Role::Booker, "仇大为"), (Role::Finance, "尹岚")],
    },
];

/// Who keeps the books of two enterprises: one person, two memberships (house, role).
pub const BOOKKEEPER: (&str, &str, [usize; 2]) = ("books@demo.yiqi.example", "程代云", [FIRST_FIRM + 1, FIRST_FIRM + 2]);

/// USCC stems of organisations that use instruments without taking part in the platform.
pub const OUTSIDERS: &[&str] = &["91370200163582105", "91370600MA3N7K552", "12370200427408811", "91370211757755214", "91370282MA3QEE904"];

/// The mail address of the `index`-th person of a house.
#[must_use]
pub fn email(house: &House, index: usize) -> String {
    let (role, _) = house.people[index];
    let same = house.people[..index].iter().filter(|(before, _)| *before == role).count();
    let number = if same == 0 { String::new() } else { (same + 1).to_string() };
    format!("{role}{number}.{}@demo.yiqi.example", house.key)
}

/// Where in a house the person of a role stands.
#[must_use]
pub fn index_of(house: usize, role: Role) -> Option<usize> {
    HOUSES.get(house)?.people.iter().position(|(has, _)| *has == role)
}
