//! Holds (冻结): what is held of a purse for a booking now. A row is there for every booking that may draw, also while it holds nothing:
//! it keeps the version of the terms under which the booking was placed.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Day;
use crate::domain::vouchers::{Eligibility, PurposeKind, Terms};

/// What is held for a booking.
#[derive(Debug, Clone, FromRow)]
pub struct Hold {
    /// The booking.
    pub booking_id: Id,
    /// From which purse.
    pub purse_id: Id,
    /// The terms under which it was placed.
    pub programme_version_id: Id,
    /// The local day of its start, which names the year of the purse.
    pub drawn_on: Day,
    /// How much is held now.
    pub amount_fen: i64,
}

/// The hold of a booking.
pub async fn find(conn: &mut AnyConnection, booking_id: &str) -> Result<Option<Hold>, Error> {
    Ok(sqlx::query_as("SELECT * FROM holds WHERE booking_id = $1").bind(booking_id).fetch_optional(conn).await?)
}

/// Inserts the hold of a new booking.
pub async fn insert(conn: &mut AnyConnection, hold: &Hold) -> Result<(), Error> {
    sqlx::query("INSERT INTO holds (booking_id, purse_id, programme_version_id, drawn_on, amount_fen) VALUES ($1, $2, $3, $4, $5)")
        .bind(&hold.booking_id)
        .bind(&hold.purse_id)
        .bind(&hold.programme_version_id)
        .bind(hold.drawn_on)
        .bind(hold.amount_fen)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets what is held for a booking; false when there is no hold.
pub async fn update_amount(conn: &mut AnyConnection, booking_id: &str, amount_fen: i64) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE holds SET amount_fen = $2 WHERE booking_id = $1").bind(booking_id).bind(amount_fen).execute(conn).await?;
    Ok(done.rows_affected() > 0)
}

/// The holds of a purse that hold something.
pub async fn list_of_purse(conn: &mut AnyConnection, purse_id: &str) -> Result<Vec<Hold>, Error> {
    Ok(sqlx::query_as("SELECT * FROM holds WHERE purse_id = $1 AND amount_fen > 0 ORDER BY drawn_on, booking_id").bind(purse_id).fetch_all(conn).await?)
}

/// All that decides what a voucher would pay for a booking, read in one statement.
#[derive(Debug, Clone, FromRow)]
pub struct Ground {
    /// The version of the terms in force on the day of booking.
    pub version_id: Id,
    /// See [`Terms`], here and below.
    rate_bp: i64,
    cap_fen: i64,
    rounding_fen: i64,
    budget_fen: i64,
    commit_percent: i64,
    use_by_on: Day,
    redeem_by_on: Day,
    draw_percent: i64,
    /// Enrolments of the institution on the day of use.
    enrolments: i64,
    /// Relations between the parties on the day of use.
    relations: i64,
    /// Bars of the enterprise in the year of use.
    bars: i64,
    /// Registrations that cover the day of use, and those of its year that ended before it.
    registrations: i64,
    ended_registrations: i64,
    /// The purse, once there was a grant or a hold.
    pub purse_id: Option<Id>,
    /// What is available in it.
    pub available_fen: Option<i64>,
}

impl Ground {
    /// The terms as the rules read them.
    #[must_use]
    pub const fn terms(&self) -> Terms {
        Terms {
            rate_bp: self.rate_bp,
            cap_fen: self.cap_fen,
            rounding_fen: self.rounding_fen,
            budget_fen: self.budget_fen,
            commit_percent: self.commit_percent,
            use_by: self.use_by_on,
            redeem_by: self.redeem_by_on,
            draw_percent: self.draw_percent,
        }
    }

    /// What decides on eligibility, for a purpose on a day.
    #[must_use]
    pub const fn eligibility(&self, purpose: PurposeKind, starts_on: Day, same: bool, published: bool) -> Eligibility {
        Eligibility {
            use_by: Some(self.use_by_on),
            starts_on,
            purpose,
            related: same || self.relations > 0,
            barred: self.bars > 0,
            sme_expired: self.registrations == 0 && self.ended_registrations > 0,
            enrolled: self.enrolments > 0,
            published,
        }
    }
}

/// The ground of a hold: programme of the year of `starts_on` of the bureau responsible for the enterprise's region, terms in force
/// `today`, standing of both parties on the day of use, and the purse. `None` without a programme.
pub async fn find_ground(conn: &mut AnyConnection, enterprise_id: &str, institution_id: &str, starts_on: Day, today: Day) -> Result<Option<Ground>, Error> {
    Ok(sqlx::query_as(
        "WITH bureau AS ( \
             SELECT b.organisation_id AS id FROM organisation_addresses ea \
             JOIN organisation_addresses ba ON ba.until_on IS NULL \
                  AND ba.region_code IN (ea.region_code, substr(ea.region_code, 1, 4) || '00', substr(ea.region_code, 1, 2) || '0000') \
             JOIN bureaus b ON b.organisation_id = ba.organisation_id \
             WHERE ea.organisation_id = $1 AND ea.until_on IS NULL \
             ORDER BY CASE ba.region_code WHEN ea.region_code THEN 0 WHEN substr(ea.region_code, 1, 4) || '00' THEN 1 ELSE 2 END, b.organisation_id LIMIT 1) \
         SELECT v.id AS version_id, v.rate_bp AS rate_bp, v.cap_fen AS cap_fen, v.rounding_fen AS rounding_fen, v.budget_fen AS budget_fen, \
                v.commit_percent AS commit_percent, v.use_by_on AS use_by_on, v.redeem_by_on AS redeem_by_on, v.draw_percent AS draw_percent, \
                (SELECT count(*) FROM enrolments e WHERE e.bureau_id = p.bureau_id AND e.institution_id = $2 AND e.from_on <= $3 \
                  AND (e.until_on IS NULL OR e.until_on > $3)) AS enrolments, \
                (SELECT count(*) FROM relations r WHERE ((r.organisation_id = $1 AND r.related_id = $2) OR (r.organisation_id = $2 AND r.related_id = $1)) \
                  AND r.from_on <= $3 AND (r.until_on IS NULL OR r.until_on > $3)) AS relations, \
                (SELECT count(*) FROM voucher_bars x WHERE x.enterprise_id = $1 AND x.from_year <= $4 AND x.until_year >= $4) AS bars, \
                (SELECT count(*) FROM sme_registrations s WHERE s.organisation_id = $1 AND s.valid_from_on <= $3 AND s.valid_until_on >= $3) AS registrations, \
                (SELECT count(*) FROM sme_registrations s WHERE s.organisation_id = $1 AND s.valid_until_on >= $5 AND s.valid_until_on < $3) AS ended_registrations, \
                u.id AS purse_id, u.available_fen AS available_fen \
         FROM bureau JOIN programmes p ON p.bureau_id = bureau.id AND p.year = $4 \
         JOIN programme_versions v ON v.programme_id = p.id AND v.valid_from_on <= $6 \
         LEFT JOIN purses u ON u.programme_id = p.id AND u.enterprise_id = $1 \
         ORDER BY v.valid_from_on DESC, v.version DESC LIMIT 1",
    )
    .bind(enterprise_id)
    .bind(institution_id)
    .bind(starts_on)
    .bind(starts_on.year())
    .bind(Day::new(starts_on.0.year(), 1, 1).unwrap_or(starts_on))
    .bind(today)
    .fetch_optional(conn)
    .await?)
}
