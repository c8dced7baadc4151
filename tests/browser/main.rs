//! Journeys in a real browser through a demo city, from the sign-in to the money, with pictures of each page in two widths.
#![allow(missing_docs, clippy::disallowed_methods)]

mod city;
mod eyes;

use city::{City, MONDAY};
use eyes::Eyes;

#[tokio::test]
async fn scratch() {
    let city = City::at(MONDAY);
    let eyes = Eyes::on(&city).await;
    for (path, name) in [("/", "catalogue"), ("/login", "login")] {
        eyes.open(path).await;
        eyes.looks(name).await;
    }
    eyes.signs_in(city.account("manager", 0)).await;
    println!("{}", eyes.path().await);
    eyes.close().await;
}
