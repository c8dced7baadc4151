//! Steps around recorded use: delivering it, and voiding it.

use super::*;

impl Stage {
    pub(super) async fn record(&mut self, booking: Option<usize>, (ago, minutes): (i64, i64), phase: usize, own_token: bool, twice: bool) {
        let booking = booking.and_then(|number| Self::pick(self.mirror.bookings.len(), number));
        let instrument = booking.map_or(0, |index| self.mirror.bookings[index].instrument);
        let ends = self.mirror.now - ago * 60;
        let span = (ends - minutes * 60, ends);
        self.segment_ids += 1;
        let code = booking.map(|index| self.mirror.bookings[index].code.clone());
        let firm = booking.map(|index| self.firms[self.mirror.bookings[index].firm].clone());
        let segment = json!({
            "key": format!("s{}", self.segment_ids), "phase": PHASES[phase], "starts_at": Instant(span.0), "ends_at": Instant(span.1),
            "organisation_uscc": firm, "booking_code": code, "source": "meter",
        });
        let path = format!("/api/v1/instruments/{}/usage", self.instruments[instrument]);
        let token = if own_token { &self.tokens[instrument] } else { &self.managers[INSTRUMENTS[instrument].lab] };
        for expected in [json!([1, 0]), json!([0, 1])].into_iter().take(1 + usize::from(twice)) {
            let answer = self.app.post(&path, token, json!({ "segments": [segment] })).await.expect(200);
            assert_eq!(json!([answer["accepted"], answer["duplicates"]]), expected, "{answer}");
        }
        let key = format!("s{}", self.segment_ids);
        self.mirror.record(Segment { key, instrument, booking, span, effective: phase < 3, automatic: own_token, live: true });
    }

    pub(super) async fn void(&mut self, number: usize) {
        let Some(index) = Self::pick(self.mirror.segments.len(), number) else { return };
        let Segment { instrument, ref key, .. } = self.mirror.segments[index];
        let mut conn = self.app.db.read().await.unwrap();
        let sql = "SELECT id FROM usage_segments WHERE instrument_id = $1 AND key = $2";
        let id: String = sqlx::query_scalar(sql).bind(&self.instruments[instrument]).bind(key).fetch_one(&mut *conn).await.unwrap();
        drop(conn);
        let segment = &mut self.mirror.segments[index];
        let expected = if segment.live { Ok(()) } else { Err((409, Vec::new())) };
        segment.live = false;
        let token = self.managers[INSTRUMENTS[instrument].lab].clone();
        self.write("POST", format!("/api/v1/usage/{id}/void"), &token, json!({ "reason": "录入有误" }), &expected).await;
    }
}
