-- Months of use: sums of usage_days, so that a year of a city is read in twelve rows an instrument. Days and months are computed out of
-- segments, which refer to instruments and organisations: they themselves do not, for that made up half of the time of a roll-up.

CREATE TABLE usage_days_computed (
    instrument_id TEXT NOT NULL,
    day TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    effective_seconds BIGINT NOT NULL,
    external_seconds BIGINT NOT NULL,
    down_seconds BIGINT NOT NULL,
    meter_seconds BIGINT NOT NULL,
    card_seconds BIGINT NOT NULL,
    qr_seconds BIGINT NOT NULL,
    agent_seconds BIGINT NOT NULL,
    staff_seconds BIGINT NOT NULL,
    import_seconds BIGINT NOT NULL,
    -- Which external organisations stand behind the day, and for how many seconds: USCC=SECONDS, by USCC, between commas.
    users TEXT NOT NULL,
    segments BIGINT NOT NULL,
    digest TEXT NOT NULL,
    computed_at BIGINT NOT NULL,
    PRIMARY KEY (instrument_id, day, institution_id)
);
INSERT INTO usage_days_computed (instrument_id, day, institution_id, effective_seconds, external_seconds, down_seconds, meter_seconds, card_seconds, qr_seconds,
    agent_seconds, staff_seconds, import_seconds, users, segments, digest, computed_at)
SELECT d.instrument_id, d.day, d.institution_id, d.effective_seconds, d.external_seconds, d.down_seconds, d.meter_seconds, d.card_seconds, d.qr_seconds,
    d.agent_seconds, d.staff_seconds, d.import_seconds,
    coalesce((SELECT string_agg(u.uscc || '=' || u.seconds, ',' ORDER BY u.uscc) FROM usage_day_users u
        WHERE u.instrument_id = d.instrument_id AND u.day = d.day AND u.institution_id = d.institution_id), ''),
    d.segments, d.digest, d.computed_at
FROM usage_days d;

-- revision rises whenever the month is computed again; a month whose days are gone stays, with nothing in it.
CREATE TABLE usage_months (
    instrument_id TEXT NOT NULL,
    -- 2026-10
    month TEXT NOT NULL,
    institution_id TEXT NOT NULL,
    effective_seconds BIGINT NOT NULL,
    external_seconds BIGINT NOT NULL,
    down_seconds BIGINT NOT NULL,
    meter_seconds BIGINT NOT NULL,
    card_seconds BIGINT NOT NULL,
    qr_seconds BIGINT NOT NULL,
    agent_seconds BIGINT NOT NULL,
    staff_seconds BIGINT NOT NULL,
    import_seconds BIGINT NOT NULL,
    -- Which external organisations stand behind the month: USCCs between commas.
    users TEXT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (instrument_id, month, institution_id)
);
CREATE INDEX usage_months_institution ON usage_months (institution_id, month);
INSERT INTO usage_months (instrument_id, month, institution_id, effective_seconds, external_seconds, down_seconds, meter_seconds, card_seconds, qr_seconds,
    agent_seconds, staff_seconds, import_seconds, users, revision)
SELECT d.instrument_id, d.month, d.institution_id, d.effective_seconds, d.external_seconds, d.down_seconds, d.meter_seconds, d.card_seconds, d.qr_seconds,
    d.agent_seconds, d.staff_seconds, d.import_seconds,
    coalesce((SELECT string_agg(w.uscc, ',' ORDER BY w.uscc) FROM (SELECT DISTINCT u.uscc FROM usage_day_users u
        WHERE u.instrument_id = d.instrument_id AND substr(u.day, 1, 7) = d.month AND u.institution_id = d.institution_id) w), ''),
    1
FROM (SELECT instrument_id, substr(day, 1, 7) AS month, institution_id, sum(effective_seconds) AS effective_seconds, sum(external_seconds) AS external_seconds,
    sum(down_seconds) AS down_seconds, sum(meter_seconds) AS meter_seconds, sum(card_seconds) AS card_seconds, sum(qr_seconds) AS qr_seconds,
    sum(agent_seconds) AS agent_seconds, sum(staff_seconds) AS staff_seconds, sum(import_seconds) AS import_seconds
    FROM usage_days GROUP BY instrument_id, substr(day, 1, 7), institution_id) d;

DROP TABLE usage_day_users;
DROP TABLE usage_days;
ALTER TABLE usage_days_computed RENAME TO usage_days;
CREATE INDEX usage_days_day ON usage_days (day, institution_id);
CREATE INDEX usage_days_institution ON usage_days (institution_id, day);

-- How often a day was touched since it was computed: two segments of one second are two.
ALTER TABLE touched_days ADD COLUMN touches BIGINT NOT NULL DEFAULT 1;
