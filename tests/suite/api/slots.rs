//! Slots over the API: who sees what, and what staff make and remove.

use serde_json::{Value, json};
use yiqi::domain::roles::Role;

use crate::support::bookings::{City, local};

fn brief(slots: &[Value]) -> Vec<(String, String, bool)> {
    let text = |slot: &Value, field: &str| slot[field].as_str().unwrap().to_owned();
    slots.iter().map(|slot| (text(slot, "kind"), text(slot, "starts_at")[11..16].to_owned(), slot["mine"].as_bool().unwrap())).collect()
}

fn line(kind: &str, from: &str, mine: bool) -> (String, String, bool) {
    (kind.to_owned(), from.to_owned(), mine)
}

#[tokio::test]
async fn strangers_see_that_time_is_taken_and_nothing_else() {
    let city = City::new(json!({ "approval": "automatic" })).await;
    let (_, other) = city.app.enterprise(2).await;
    let mine = city.book("2026-10-14T09:00", "2026-10-14T10:00", json!({})).await;
    city.take("maintenance", "2026-10-14T10:00", "2026-10-14T11:00").await.expect(201);
    city.take("fault", "2026-10-11T10:00", "2026-10-11T11:00").await.expect(201);
    city.take("closure", "2027-02-01T10:00", "2027-02-01T11:00").await.expect(201);
    for token in ["", other.as_str(), city.officer.as_str()] {
        let seen = city.slots(token).await;
        assert_eq!(brief(&seen), [line("occupied", "09:00", false)], "merged, from today to the horizon");
        assert_eq!(
            (seen[0]["ends_at"].as_str(), &seen[0]["id"], &seen[0]["booking_id"], &seen[0]["note"]),
            (Some("2026-10-14T11:00:00+08:00"), &Value::Null, &Value::Null, &Value::Null)
        );
    }
    let wide = format!("/api/v1/instruments/{}/slots?from=2026-10-01T00:00:00Z&to=2027-12-31T00:00:00Z", city.instrument);
    assert_eq!(city.app.get(&wide, "").await.expect(200)["total"], 1, "asking for more shows no more");
    let own = city.slots(&city.booker).await;
    assert_eq!(brief(&own), [line("booking", "09:00", true), line("occupied", "10:00", false)]);
    assert_eq!((&own[0]["booking_id"], &own[0]["note"]), (&mine["id"], &Value::Null));
    let operator = city.staff(Role::Operator).await;
    let staff = city.app.get(&wide, &operator).await.expect(200);
    let all = staff["items"].as_array().unwrap();
    assert_eq!(
        brief(all),
        [line("fault", "10:00", false), line("booking", "09:00", false), line("maintenance", "10:00", false), line("closure", "10:00", false)]
    );
    assert_eq!((&all[1]["booking_id"], &all[2]["note"]), (&mine["id"], &json!("换灯丝")));
    let page = city.app.get(&format!("{wide}&limit=3"), &operator).await.expect(200);
    let rest = city.app.get(&format!("{wide}&limit=3&after={}", page["next"].as_str().unwrap()), &operator).await.expect(200);
    assert_eq!((page["total"].as_i64(), rest["items"].as_array().unwrap().len()), (Some(4), 1));
}

#[tokio::test]
async fn a_query_of_slots_names_what_is_wrong_and_a_draft_is_not_there() {
    let city = City::new(json!({})).await;
    let path = format!("/api/v1/instruments/{}/slots", city.instrument);
    assert_eq!(city.app.get(&format!("{path}?from=2026-10-14&to=x&limit=x"), "").await.faults(), ["invalid from", "invalid limit", "invalid to"]);
    assert_eq!(city.app.get(&format!("{path}?from=2026-10-14T00:00:00Z&to=2026-10-13T00:00:00Z"), "").await.faults(), ["invalid to"]);
    city.app.get("/api/v1/instruments/nothing/slots", "").await.expect(404);
    let draft = city.app.draft(&city.manager, json!({})).await;
    for (token, status) in [("", 404), (city.booker.as_str(), 404), (city.manager.as_str(), 200)] {
        city.app.get(&format!("/api/v1/instruments/{draft}/slots"), token).await.expect(status);
    }
}

#[tokio::test]
async fn staff_never_lay_a_slot_over_another() {
    let city = City::new(json!({})).await;
    city.book("2026-10-14T09:00", "2026-10-14T11:00", json!({})).await;
    for (from, to) in [("2026-10-14T08:00", "2026-10-14T09:01"), ("2026-10-14T09:30", "2026-10-14T10:00"), ("2026-10-14T08:00", "2026-10-15T09:00")] {
        let answer = city.take("fault", from, to).await;
        assert_eq!((answer.expect(409)["code"].as_str(), answer.codes()), (Some("slot_taken"), vec!["slot_taken".to_owned()]), "{from}");
    }
    city.take("internal", "2026-10-14T11:00", "2026-10-14T11:07").await.expect(201);
    assert_eq!(city.quote("2026-10-14T11:00", "2026-10-14T12:00", json!({})).await["violations"][0]["code"], "slot_taken");
}

#[tokio::test]
async fn only_what_staff_made_is_removed_and_its_time_is_free_again() {
    let city = City::new(json!({ "approval": "automatic" })).await;
    let booking = city.book("2026-10-14T09:00", "2026-10-14T10:00", json!({})).await;
    let made = city.take("closure", "2026-10-15T09:00", "2026-10-15T12:00").await.expect(201);
    assert_eq!((made["kind"].as_str(), made["mine"].as_bool(), made["note"].as_str()), (Some("closure"), Some(false), Some("换灯丝")));
    let path = |slot: &Value| format!("/api/v1/instruments/{}/slots/{}", city.instrument, slot["id"].as_str().unwrap());
    let (_, other) = city.app.institution(2).await;
    let elsewhere = city.app.instrument(&city.manager, json!({})).await;
    for (token, status) in [("", 401), (city.booker.as_str(), 403), (city.officer.as_str(), 403), (other.as_str(), 404)] {
        assert_eq!(city.app.call("DELETE", &path(&made), token, Value::Null).await.status.as_u16(), status);
    }
    let wrong = format!("/api/v1/instruments/{elsewhere}/slots/{}", made["id"].as_str().unwrap());
    city.app.call("DELETE", &wrong, &city.manager, Value::Null).await.expect(404);
    assert_eq!(city.app.call("DELETE", &path(&made), &city.manager, Value::Null).await.status.as_u16(), 204);
    city.app.call("DELETE", &path(&made), &city.manager, Value::Null).await.expect(404);
    let slot = city.slots(&city.manager).await[0].clone();
    assert_eq!(slot["booking_id"], booking["id"]);
    assert_eq!(city.app.call("DELETE", &path(&slot), &city.manager, Value::Null).await.expect(409)["code"], "state_conflict");
    city.book("2026-10-15T09:00", "2026-10-15T12:00", json!({})).await;
}

#[tokio::test]
async fn every_wrong_field_of_a_slot_is_named_at_once() {
    let city = City::new(json!({})).await;
    let path = format!("/api/v1/instruments/{}/slots", city.instrument);
    let (from, to) = (local("2026-10-14T09:00"), local("2026-10-14T10:00"));
    for (body, faults) in [
        (json!({}), vec!["required ends_at", "required kind", "required starts_at"]),
        (
            json!({ "kind": "party", "starts_at": "now", "ends_at": 7, "note": [], "x": 1 }),
            vec!["invalid ends_at", "invalid kind", "invalid note", "invalid starts_at", "unknown_field x"],
        ),
        (json!({ "kind": "booking", "starts_at": from, "ends_at": to }), vec!["invalid kind"]),
        (json!({ "kind": "imported", "starts_at": to, "ends_at": from, "note": "x".repeat(1001) }), vec!["invalid ends_at", "invalid kind", "invalid note"]),
        (json!({ "kind": "fault", "starts_at": from, "ends_at": "2030-01-01T00:00:00Z" }), vec!["invalid ends_at"]),
    ] {
        let answer = city.app.post(&path, &city.manager, body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.faults()), (422, faults.iter().map(ToString::to_string).collect::<Vec<_>>()), "{body}");
    }
    let (_, other) = city.app.institution(2).await;
    city.app.post(&path, &other, json!([])).await.expect(404);
    city.app.post(&path, &city.booker, json!([])).await.expect(403);
    let finance = city.staff(Role::Finance).await;
    city.app.post(&path, &finance, json!([])).await.expect(403);
}

#[tokio::test]
async fn a_retired_instrument_takes_no_slots() {
    let city = City::new(json!({})).await;
    city.app.post(&format!("/api/v1/instruments/{}/retire", city.instrument), &city.manager, Value::Null).await.expect(200);
    assert_eq!(city.take("maintenance", "2026-10-14T09:00", "2026-10-14T11:00").await.expect(409)["code"], "state_conflict");
}
