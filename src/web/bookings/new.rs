//! Booking from the panel of an instrument's page: refused, that page comes back with every reason and everything typed.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::actions;
use crate::actions::bookings::book::{BookForm, MOST_TEXT, book};
use crate::app::App;
use crate::domain::bookings::State as Stage;
use crate::domain::roles::Verb;
use crate::http::Error;
use crate::web::frame::{Posted, go};
use crate::web::instruments::booking::{read_quote, with_taken};
use crate::web::instruments::detail::again;

/// `POST /bookings`: books, and leads to the booking. With `ask` or `take` it only draws the page again.
pub async fn place(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::Book)?;
    let id = form.value("instrument_id").to_owned();
    if !form.value("ask").is_empty() || !form.value("take").is_empty() {
        return again(&app, &visitor, &id, with_taken(form)).await;
    }
    let quote = read_quote(&mut form, &id);
    let (purpose, note) = (form.text("purpose", MOST_TEXT), form.optional_text("note", MOST_TEXT));
    let confidential = form.holds("confidential", "1");
    let Some(quote) = quote.filter(|_| !form.is_wrong()) else { return again(&app, &visitor, &id, form).await };
    let wish = BookForm { quote, purpose, confidential, note };
    let act = visitor.act(&app)?;
    match app.transact(&act, |tx| Box::pin(book(tx, &act, &wish))).await {
        Ok((booking, _)) => Ok(go(&format!("/bookings/{}", booking.id), if booking.state == Stage::Confirmed { "booked" } else { "requested" })),
        Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => again(&app, &visitor, &id, form).await,
        Err(error) => Err(error.into()),
    }
}
