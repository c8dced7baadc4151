//! A year of use of the city's instruments: rolled up but for one month, whose days wait for the roll-up that is measured.

use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Executor as _};
use yiqi::base::chance::fingerprint;
use yiqi::base::text::hex;
use yiqi::base::time::{Day, HOUR, Instant, MINUTE};

use crate::fill::{ENTERPRISES, Kind, SEGMENTS, Size, Table, enterprise_uscc, id};
use crate::stock::owner;

/// The year whose use is there: the last one that is over.
pub fn year(now: Instant) -> i64 {
    now.day().year() - 1
}

/// The first day of the month that waits for the roll-up.
pub fn month(now: Instant) -> Day {
    Day::new(i16::try_from(year(now)).unwrap_or(2025), 11, 1).unwrap_or_else(|| now.day())
}

/// Days of that month with use, and segments of an instrument on each of them.
pub const DAYS: i64 = 20;

/// Months are the sums of the days.
const MONTHS: &str = "INSERT INTO usage_months (instrument_id, month, institution_id, effective_seconds, external_seconds, down_seconds, meter_seconds, card_seconds, \
     qr_seconds, agent_seconds, staff_seconds, import_seconds, users, revision) \
     SELECT instrument_id, month, institution_id, sum(effective_seconds), sum(external_seconds), sum(down_seconds), sum(meter_seconds), sum(card_seconds), sum(qr_seconds), \
     sum(agent_seconds), sum(staff_seconds), sum(import_seconds), coalesce((SELECT string_agg(w.uscc, ',' ORDER BY w.uscc) FROM (SELECT DISTINCT substr(v.users, 1, 18) AS uscc \
     FROM usage_days v WHERE v.instrument_id = d.instrument_id AND v.day >= d.month || '-01' AND v.day <= d.month || '-31' AND v.users <> '') w), ''), 1 \
     FROM (SELECT u.*, substr(u.day, 1, 7) AS month FROM usage_days u) d GROUP BY instrument_id, month, institution_id";

/// Segments, rolled-up days, touched days.
pub async fn usage(conn: &mut AnyConnection, now: Instant, size: Size) -> Result<(), sqlx::Error> {
    let mut segments = Table::new(
        "usage_segments",
        "id, instrument_id, position, key, content_hash, phase, starts_at, ends_at, institution_id, organisation_id, organisation_uscc, purpose_kind, source, received_at",
    );
    let mut days = Table::new(
        "usage_days",
        "instrument_id, day, institution_id, effective_seconds, external_seconds, down_seconds, meter_seconds, card_seconds, qr_seconds, agent_seconds, staff_seconds, import_seconds, users, segments, digest, computed_at",
    );
    let mut touched = Table::new("touched_days", "instrument_id, day, touched_at");
    let (first, waiting) = (Day::new(i16::try_from(year(now)).unwrap_or(2025), 1, 1).unwrap_or_else(|| now.day()), month(now));
    let each = i64::try_from(SEGMENTS).unwrap_or(200) / DAYS;
    let mut number = 0;
    for n in 0..size.used {
        let (instrument, institution) = (id(Kind::Instrument, n), id(Kind::Institution, owner(n)));
        for offset in 0..365 {
            let day = first.plus(offset);
            let is_waiting = day >= waiting && day < waiting.plus(30);
            let wanted = if is_waiting { if day < waiting.plus(DAYS) { each } else { 0 } } else { i64::from(!day.is_weekend()) };
            for part in 0..wanted {
                let external = (number % 3 == 0).then_some(number % ENTERPRISES);
                let (organisation, code) = (external.map(|e| id(Kind::Enterprise, e)), external.map(enterprise_uscc));
                let key = format!("{day}/{part}");
                let hash = fingerprint(&key);
                let starts_at = day.start().plus((8 + part) * HOUR);
                let seconds = 50 * MINUTE;
                let ends_at = starts_at.plus(seconds);
                segments
                    .put(
                        conn,
                        &[
                            &id(Kind::Segment, number),
                            &instrument,
                            &1_i64,
                            &key,
                            &hash,
                            &"run",
                            &starts_at,
                            &ends_at,
                            &institution,
                            &organisation,
                            &code,
                            &"research",
                            &"meter",
                            &ends_at,
                        ],
                    )
                    .await?;
                number += 1;
                if is_waiting {
                    continue;
                }
                let (zero, outside) = (0_i64, if code.is_some() { seconds } else { 0 });
                let users = code.as_ref().map(|code| format!("{code}={seconds}")).unwrap_or_default();
                let digest = hex(&Sha256::digest(format!("{key}\n{hash}\n").as_bytes()));
                days.put(
                    conn,
                    &[&instrument, &day, &institution, &seconds, &outside, &zero, &seconds, &zero, &zero, &zero, &zero, &zero, &users, &1_i64, &digest, &now],
                )
                .await?;
            }
            if is_waiting && wanted > 0 {
                touched.put(conn, &[&instrument, &day, &now]).await?;
            }
        }
    }
    for table in [&mut segments, &mut days, &mut touched] {
        table.end(conn).await?;
    }
    conn.execute(MONTHS).await?;
    Ok(())
}
