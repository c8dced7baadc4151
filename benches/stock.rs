//! Instruments and the bookings that stand, as plain rows.

use sqlx::AnyConnection;
use yiqi::base::time::{DAY, HOUR, Instant};
use yiqi::domain::instruments::{Kind as InstrumentKind, Listing, words};

use crate::fill::{CITY, ENTERPRISES, HOT, INSTITUTIONS, Kind, SPREAD, Size, Table, WEEK, booker, id};

const NAMES: [(&str, &str, &str); 8] = [
    ("高效液相色谱仪", "1260 Infinity", "010500"),
    ("三重四极杆质谱仪", "TSQ Altis", "010200"),
    ("场发射扫描电子显微镜", "Sigma 300", "010100"),
    ("X射线衍射仪", "D8 Advance", "010300"),
    ("核磁共振波谱仪", "AVANCE NEO 400", "010600"),
    ("同步热分析仪", "STA 449", "010900"),
    ("激光共聚焦显微镜", "LSM 980", "010800"),
    ("万能材料试验机", "Z100", "020100"),
];
const MAKERS: [&str; 4] = ["安捷伦", "赛默飞", "布鲁克", "岛津"];

/// The institution that owns an instrument: those that are booked belong to the first, the city's to ten, the rest to ten elsewhere.
pub const fn owner(instrument: usize) -> usize {
    if instrument <= WEEK {
        0
    } else if instrument < CITY {
        instrument % (INSTITUTIONS / 2)
    } else {
        INSTITUTIONS / 2 + instrument % (INSTITUTIONS / 2)
    }
}

/// Published instruments, open day and night, booked without approval at 10 yuan an hour.
pub async fn instruments(conn: &mut AnyConnection, now: Instant, size: Size) -> Result<(), sqlx::Error> {
    let mut instruments = Table::new(
        "instruments",
        "id, name, name_en, model, maker, description, category_code, kind, original_value_fen, accepted_on, funding, positions, state, revision, version, created_at, updated_at",
    );
    let mut modes = Table::new("instrument_modes", "instrument_id, mode");
    let mut tenures = Table::new("tenures", "id, instrument_id, institution_id, number, location, from_at");
    let mut services = Table::new("service_periods", "id, instrument_id, from_on");
    let mut events = Table::new("listing_events", "id, instrument_id, from_state, to_state, at");
    let mut prices = Table::new("prices", "id, instrument_id, position, unit, audience, amount_fen, created_at");
    let mut policies = Table::new(
        "policies",
        "id, instrument_id, grid_minutes, min_minutes, max_minutes, notice_minutes, horizon_days, buffer_minutes, approval, approval_hours, free_cancel_minutes, late_cancel_percent, no_show_minutes, created_at",
    );
    let mut openings = Table::new("opening_hours", "id, instrument_id, holidays, created_at");
    let mut spans = Table::new("opening_spans", "opening_id, weekday, opens_minute, closes_minute");
    let mut found = Table::new("instrument_words", "word, instrument_id, weight");
    let index: Vec<Vec<(String, i64)>> = (0..NAMES.len()).map(|n| words_of(n, NAMES[n])).collect();
    for n in 0..size.instruments {
        let (name, model, category) = NAMES[n % NAMES.len()];
        let (instrument, opening) = (id(Kind::Instrument, n), id(Kind::Opening, n));
        let maker = MAKERS[n % MAKERS.len()];
        instruments
            .put(
                conn,
                &[
                    &instrument,
                    &name,
                    &"",
                    &model,
                    &maker,
                    &"",
                    &category,
                    &"instrument",
                    &80_000_000_i64,
                    &"2020-01-02",
                    &"public",
                    &1_i64,
                    &"published",
                    &0_i64,
                    &1_i64,
                    &now,
                    &now,
                ],
            )
            .await?;
        modes.put(conn, &[&instrument, &"self"]).await?;
        tenures.put(conn, &[&id(Kind::Tenure, n), &instrument, &id(Kind::Institution, owner(n)), &format!("B-{n:05}"), &"1 号楼", &0_i64]).await?;
        services.put(conn, &[&id(Kind::Service, n), &instrument, &"2020-02-01"]).await?;
        events.put(conn, &[&id(Kind::Event, n), &instrument, &"draft", &"published", &1_582_000_000_i64]).await?;
        prices.put(conn, &[&id(Kind::Price, n), &instrument, &0_i64, &"hour", &"external", &1_000_i64, &now]).await?;
        let policy: [i64; 6] = [30, 30, 480, 0, 365, 0];
        policies
            .put(
                conn,
                &[
                    &id(Kind::Policy, n),
                    &instrument,
                    &policy[0],
                    &policy[1],
                    &policy[2],
                    &policy[3],
                    &policy[4],
                    &policy[5],
                    &"automatic",
                    &16_i64,
                    &1_440_i64,
                    &0_i64,
                    &60_i64,
                    &now,
                ],
            )
            .await?;
        openings.put(conn, &[&opening, &instrument, &"open", &now]).await?;
        for weekday in 1..=7_i64 {
            spans.put(conn, &[&opening, &weekday, &0_i64, &1_440_i64]).await?;
        }
        for (word, weight) in &index[n % NAMES.len()] {
            found.put(conn, &[word, &instrument, weight]).await?;
        }
    }
    let all = [&mut instruments, &mut modes, &mut tenures, &mut services, &mut events, &mut prices, &mut policies, &mut openings, &mut spans, &mut found];
    for table in all {
        table.end(conn).await?;
    }
    Ok(())
}

/// The words under which an instrument is found, by the product's own rule.
fn words_of(n: usize, (name, model, category): (&str, &str, &str)) -> Vec<(String, i64)> {
    let day = Instant(0).day();
    let listing = Listing {
        number: String::new(),
        name: name.to_owned(),
        name_en: None,
        model: Some(model.to_owned()),
        maker: Some(MAKERS[n % MAKERS.len()].to_owned()),
        description: None,
        category_code: category.to_owned(),
        kind: InstrumentKind::Instrument,
        original_value_fen: 0,
        accepted_on: day,
        commissioned_on: day,
        funding: yiqi::domain::instruments::Funding::Public,
        location: String::new(),
        modes: Vec::new(),
        positions: 1,
    };
    words::index(&listing, "研究院")
}

/// Two hours of each evening from tomorrow on, spread over the instruments that are booked; and the week with a hundred slots.
pub async fn bookings(conn: &mut AnyConnection, now: Instant, size: Size) -> Result<(), sqlx::Error> {
    let mut slots = Table::new("slots", "id, instrument_id, kind, note, membership_id, created_at");
    let mut spans = Table::new("slot_spans", "id, slot_id, instrument_id, position, starts_at, ends_at");
    let mut bookings = Table::new(
        "bookings",
        "id, code, customer_id, placed_by, instrument_id, institution_id, mode, state, version, starts_at, ends_at, slot_id, price_id, policy_id, hourly_fen, fee_fen, voucher, purpose, purpose_kind, note, created_at, cancel_fee_fen",
    );
    let mut events = Table::new("booking_events", "booking_id, version, at, verb, to_state, reason, membership_id");
    let monday = now.day().monday().plus(7);
    let spread = (0..size.bookings).map(|b| {
        let start = now.day().plus(1 + i64::try_from(b / SPREAD).unwrap_or(0)).start().plus(20 * HOUR);
        (b % SPREAD, start, start.plus(2 * HOUR))
    });
    let week = (0..100_i64).map(|s| {
        let start = monday.start().plus(s % 7 * DAY + (6 + s / 7) * HOUR);
        (WEEK, start, start.plus(HOUR))
    });
    for (b, (instrument, starts_at, ends_at)) in spread.chain(week).enumerate() {
        let enterprise = b % ENTERPRISES;
        let member = id(Kind::Membership, booker(enterprise));
        let (booking, slot, it) = (id(Kind::Booking, b), id(Kind::Slot, b), id(Kind::Instrument, instrument));
        slots.put(conn, &[&slot, &it, &"booking", &"", &member, &now]).await?;
        spans.put(conn, &[&id(Kind::Span, b), &slot, &it, &1_i64, &starts_at, &ends_at]).await?;
        let hours = (ends_at.0 - starts_at.0) / HOUR;
        bookings
            .put(
                conn,
                &[
                    &booking,
                    &format!("YB-{b:06}"),
                    &id(Kind::Enterprise, enterprise),
                    &member,
                    &it,
                    &id(Kind::Institution, 0),
                    &"self",
                    &"confirmed",
                    &1_i64,
                    &starts_at,
                    &ends_at,
                    &slot,
                    &id(Kind::Price, instrument),
                    &id(Kind::Policy, instrument),
                    &1_000_i64,
                    &(hours * 1_000),
                    &"none",
                    &"标准样品测试",
                    &"research",
                    &"",
                    &now,
                    &0_i64,
                ],
            )
            .await?;
        events.put(conn, &[&booking, &1_i64, &now, &"book", &"confirmed", &"", &member]).await?;
    }
    for table in [&mut slots, &mut spans, &mut bookings, &mut events] {
        table.end(conn).await?;
    }
    // The hot one has nothing yet: its bookings are the load's.
    let _ = HOT;
    Ok(())
}
