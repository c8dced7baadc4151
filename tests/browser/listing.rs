//! The first journey: a manager lists an instrument, and a stranger finds it.

use crate::city::{City, MONDAY};
use crate::eyes::Eyes;

const NAME: &str = "超高效合相色谱仪";

#[tokio::test]
async fn a_manager_lists_an_instrument_and_a_stranger_finds_it() {
    let city = City::at(MONDAY);
    let eyes = Eyes::on(&city).await;
    eyes.signs_in(city.account("manager", 0)).await;
    eyes.open("/lab/instruments").await;
    eyes.looks("lab-instruments").await;
    eyes.clicks("main a[href='/lab/instruments/new']").await;
    // A form sent too early says what is missing and keeps what is there.
    eyes.types("name", NAME).await;
    eyes.ask("for (const field of document.querySelectorAll('main [required]')) field.required = false").await;
    eyes.clicks("main form button.primary").await;
    eyes.find("main [data-errors]").await;
    eyes.looks("lab-instrument-refused").await;
    enter(&eyes).await;
    let here = eyes.path().await;
    let here = here.split('?').next().unwrap().to_owned();
    price(&eyes, &here).await;
    eyes.open(&format!("{here}/hours")).await;
    eyes.types("day-6", "9:00-12:00").await;
    eyes.clicks("main form button.primary").await;
    eyes.open(&format!("{here}/policy")).await;
    eyes.types("notice_minutes", "120").await;
    eyes.chooses("approval", "automatic").await;
    eyes.looks("lab-instrument-policy").await;
    eyes.clicks("main form button.primary").await;
    eyes.looks("lab-instrument").await;
    eyes.clicks(&format!("main form[action='{here}/publish'] button")).await;
    eyes.sees("已在网开放").await;
    eyes.signs_out().await;
    eyes.open("/").await;
    eyes.looks("catalogue").await;
    eyes.types("q", "hexiang sepu").await;
    eyes.clicks("main form[role=search] button, main form button").await;
    eyes.sees(NAME).await;
    eyes.presses(NAME).await;
    eyes.sees("420.00").await;
    eyes.looks("instrument-stranger").await;
    eyes.close().await;
}

async fn enter(eyes: &Eyes) {
    for (name, text) in [
        ("name_en", "Ultra-performance convergence chromatograph"),
        ("number", "LHCL-LC-021"),
        ("model", "ACQUITY UPC²"),
        ("maker", "沃特世 Waters"),
        ("location", "1 号楼 309"),
        ("description", "手性化合物与脂溶性维生素的分离，超临界二氧化碳流动相。"),
        ("category_code", "010500"),
        ("original_value_fen", "1350000"),
        ("funding", "public"),
        ("accepted_on", "2026-09-21"),
        ("commissioned_on", "2026-09-28"),
    ] {
        eyes.types(name, text).await;
    }
    eyes.chooses("mode", "self").await;
    eyes.chooses("mode", "operator").await;
    eyes.clicks("main form button.primary").await;
    eyes.sees("草稿").await;
}

async fn price(eyes: &Eyes, here: &str) {
    eyes.open(&format!("{here}/prices")).await;
    for (line, (audience, yuan)) in [("external", "420"), ("internal", "150")].into_iter().enumerate() {
        eyes.types(&format!("audience-{line}"), audience).await;
        eyes.types(&format!("amount_fen-{line}"), yuan).await;
    }
    eyes.looks("lab-instrument-prices").await;
    eyes.clicks("main form button.primary").await;
    eyes.sees("420").await;
}
