//! Every place that stands in a header, for each role, in both languages: it opens, reads well to axe, and fits a phone.

use crate::city::{City, MONDAY};
use crate::eyes::Eyes;

const ROLES: &[(&str, usize)] = &[("booker", 1), ("finance", 4), ("manager", 1), ("operator", 0), ("finance", 0), ("officer", 1), ("auditor", 0), ("ops", 0)];

#[tokio::test]
async fn every_place_of_every_role_reads_well_in_both_widths_and_languages() {
    let city = City::at(MONDAY);
    let eyes = Eyes::on(&city).await;
    for path in ["/login", "/register", "/forgot", "/privacy", "/no-such-page"] {
        eyes.visits(path).await;
    }
    for (role, nth) in ROLES {
        eyes.signs_in(city.account(role, *nth)).await;
        let places = eyes.ask("return [...document.querySelectorAll('header nav a')].map((a) => a.getAttribute('href'))").await;
        for place in places.as_array().unwrap().iter().filter_map(|place| place.as_str()) {
            eyes.open(place).await;
            let name = format!("{role}{}", place.trim_end_matches('/').replace('/', "-"));
            eyes.looks(&name).await;
            eyes.open(&format!("{place}?lang=en")).await;
            eyes.looks(&format!("{name}-en")).await;
            eyes.open(&format!("{place}?lang=zh-CN")).await;
        }
    }
    eyes.close().await;
}
