//! Claims over the API: filed, judged, paid; who may, what is refused, and what races cannot do.

mod examples;
mod filing;
mod lapse;
mod races;
mod review;

use crate::support::bookings::City;

/// Another person of the bureau; gives a token.
async fn second_officer(city: &City, name: &str) -> String {
    let mut conn = city.app.db.read().await.unwrap();
    let bureau = yiqi::store::organisations::list_bureaus(&mut conn).await.unwrap()[0].uscc.clone();
    drop(conn);
    city.app.person(&bureau, &format!("{name}@bureau.test"), yiqi::domain::roles::Role::Officer, None).await
}
