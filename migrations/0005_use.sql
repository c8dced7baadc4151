-- Use: what the machines did, and the daily roll-up of it.

CREATE TABLE usage_segments (
    id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    position BIGINT NOT NULL,
    -- Chosen by the client; unique per instrument for ever, also after a void.
    key TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    phase TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- Who owned the instrument at the start.
    institution_id TEXT NOT NULL REFERENCES organisations (id),
    -- For whom: NULL for internal use. A valid USCC that is no party here has no organisation_id.
    organisation_id TEXT REFERENCES organisations (id),
    organisation_uscc TEXT,
    booking_id TEXT REFERENCES bookings (id),
    purpose_kind TEXT NOT NULL,
    samples BIGINT,
    source TEXT NOT NULL,
    membership_id TEXT REFERENCES memberships (id),
    token_id TEXT REFERENCES tokens (id),
    received_at BIGINT NOT NULL,
    voided_at BIGINT,
    voided_by TEXT REFERENCES memberships (id),
    void_reason TEXT,
    CONSTRAINT usage_segments_order CHECK (starts_at < ends_at),
    UNIQUE (instrument_id, key)
);
CREATE INDEX usage_segments_time ON usage_segments (instrument_id, starts_at);
CREATE INDEX usage_segments_institution ON usage_segments (institution_id, starts_at);
CREATE INDEX usage_segments_booking ON usage_segments (booking_id) WHERE booking_id IS NOT NULL;

-- The columns by source are seconds of effective use, a union for each source: columns, so that months and cities are sums in SQL.
-- segments and digest say which live segments were in.
CREATE TABLE usage_days (
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    day TEXT NOT NULL,
    institution_id TEXT NOT NULL REFERENCES organisations (id),
    effective_seconds BIGINT NOT NULL,
    external_seconds BIGINT NOT NULL,
    down_seconds BIGINT NOT NULL,
    meter_seconds BIGINT NOT NULL,
    card_seconds BIGINT NOT NULL,
    qr_seconds BIGINT NOT NULL,
    agent_seconds BIGINT NOT NULL,
    staff_seconds BIGINT NOT NULL,
    import_seconds BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    digest TEXT NOT NULL,
    computed_at BIGINT NOT NULL,
    PRIMARY KEY (instrument_id, day, institution_id)
);
CREATE INDEX usage_days_day ON usage_days (day, institution_id);
CREATE INDEX usage_days_institution ON usage_days (institution_id, day);

-- Which external organisations stand behind a day.
CREATE TABLE usage_day_users (
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    day TEXT NOT NULL,
    institution_id TEXT NOT NULL REFERENCES organisations (id),
    uscc TEXT NOT NULL,
    seconds BIGINT NOT NULL,
    PRIMARY KEY (instrument_id, day, institution_id, uscc)
);
CREATE INDEX usage_day_users_day ON usage_day_users (day, institution_id);

-- What must be computed again.
CREATE TABLE touched_days (
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    day TEXT NOT NULL,
    touched_at BIGINT NOT NULL,
    PRIMARY KEY (instrument_id, day)
);

-- What must be computed again is looked up by day too.
CREATE INDEX touched_days_day ON touched_days (day);

-- Schemes of evaluation: a head per issuer, versions by day. region_code says where a scheme holds, empty for the whole country; the
-- narrowest one counts. body is JSON: threshold, rated hours, indicators, cuts.
CREATE TABLE schemes (
    id TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL,
    region_code TEXT NOT NULL UNIQUE
);

CREATE TABLE scheme_versions (
    id TEXT NOT NULL PRIMARY KEY,
    scheme_id TEXT NOT NULL REFERENCES schemes (id),
    version BIGINT NOT NULL,
    valid_from_on TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (scheme_id, version)
);

-- One salt a period, so that exports name organisations by SHA-256(salt, USCC).
CREATE TABLE export_salts (
    period TEXT NOT NULL PRIMARY KEY,
    salt TEXT NOT NULL
);

-- Default data, to be replaced by newer versions: weights and scoring lines of the national scheme were not found; the thresholds are
-- the national one and Qingdao's.
INSERT INTO schemes (id, issuer, region_code) VALUES
    ('scheme-national', '科学技术部', ''),
    ('scheme-qingdao', '青岛市科学技术局', '370200');
INSERT INTO scheme_versions (id, scheme_id, version, valid_from_on, body, created_at) VALUES
    ('scheme-national-1', 'scheme-national', 1, '2026-01-01', '{"cuts":[{"from":90.0,"grade":"优秀"},{"from":75.0,"grade":"良好"},{"from":60.0,"grade":"合格"}],"indicators":[{"floor":0.0,"full":1600.0,"key":"mean_effective_hours","weight":40.0},{"floor":0.0,"full":0.25,"key":"sharing_pooled","weight":40.0},{"floor":0.5,"full":1.0,"key":"on_time_listing_rate","weight":20.0}],"lowest":"较差","name":"national-2026","rated_hours":1600,"rated_hours_by_class":{},"threshold_fen":50000000}', 0),
    ('scheme-qingdao-1', 'scheme-qingdao', 1, '2026-01-01', '{"cuts":[{"from":90.0,"grade":"优秀"},{"from":75.0,"grade":"良好"},{"from":60.0,"grade":"合格"}],"indicators":[{"floor":0.0,"full":1600.0,"key":"mean_effective_hours","weight":40.0},{"floor":0.0,"full":0.25,"key":"sharing_pooled","weight":40.0},{"floor":0.5,"full":1.0,"key":"on_time_listing_rate","weight":20.0}],"lowest":"较差","name":"qingdao-2026","rated_hours":1600,"rated_hours_by_class":{},"threshold_fen":30000000}', 0);
