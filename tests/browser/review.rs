//! The third journey: the bureau decides on a claim with four eyes, pays it with a third pair, and opens a figure down to the segments.

use crate::city::{City, MONDAY};
use crate::eyes::Eyes;

#[tokio::test]
async fn the_bureau_decides_on_a_claim_and_opens_a_figure_down_to_the_segments() {
    let city = City::at(MONDAY);
    let eyes = Eyes::on(&city).await;
    eyes.signs_in(city.account("officer", 0)).await;
    eyes.open("/bureau").await;
    eyes.looks("bureau").await;
    eyes.open("/bureau/claims?state=filed").await;
    eyes.looks("bureau-claims").await;
    eyes.clicks("main tbody tr:first-of-type a").await;
    let claim = eyes.path().await;
    eyes.looks("bureau-claim").await;
    decide(&eyes).await;
    // With a warning, or drawn, another person looks again.
    eyes.signs_in(city.account("reviewer", 0)).await;
    eyes.open(&claim).await;
    if eyes.has("main form[action$='/decide']").await {
        eyes.looks("bureau-claim-second").await;
        decide(&eyes).await;
    }
    eyes.sees("已通过").await;
    // Who approved does not pay.
    eyes.signs_in(city.account("officer", 0)).await;
    eyes.open(&claim).await;
    assert!(!eyes.has("main form[action$='/pay']").await);
    eyes.signs_in(city.account("officer", 1)).await;
    eyes.open(&claim).await;
    eyes.types("bank_reference", "QD202610120088").await;
    eyes.clicks("main form[action$='/pay'] button").await;
    eyes.sees("QD202610120088").await;
    eyes.looks("bureau-claim-paid").await;
    openness(&eyes).await;
    eyes.close().await;
}

async fn decide(eyes: &Eyes) {
    eyes.chooses("do", "approve").await;
    eyes.types("reason", "材料齐全，金额相符。").await;
    eyes.clicks("main form[action$='/decide'] button.primary").await;
}

async fn openness(eyes: &Eyes) {
    eyes.open("/bureau/openness").await;
    eyes.looks("openness").await;
    eyes.presses("青岛崂山海洋材料研究院").await;
    eyes.looks("openness-institution").await;
    eyes.presses("场发射扫描电子显微镜").await;
    eyes.looks("openness-instrument").await;
    assert!(eyes.has("section[aria-labelledby='segments'] tbody tr").await, "no segments:\n{}", eyes.text().await);
}
