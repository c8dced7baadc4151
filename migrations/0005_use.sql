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
CREATE INDEX usage_segments_booking ON usage_segments (booking_id) WHERE booking_id IS NOT NULL;

-- by_source is JSON: seconds of effective use by source.
CREATE TABLE usage_days (
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    day TEXT NOT NULL,
    institution_id TEXT NOT NULL REFERENCES organisations (id),
    effective_seconds BIGINT NOT NULL,
    external_seconds BIGINT NOT NULL,
    down_seconds BIGINT NOT NULL,
    by_source TEXT NOT NULL,
    segments BIGINT NOT NULL,
    digest TEXT NOT NULL,
    computed_at BIGINT NOT NULL,
    PRIMARY KEY (instrument_id, day, institution_id)
);
CREATE INDEX usage_days_day ON usage_days (day, institution_id);

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

-- Schemes of evaluation: a head per issuer, versions by day. body is JSON: rated hours, indicators, cuts.
CREATE TABLE schemes (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    bureau_id TEXT REFERENCES bureaus (organisation_id)
);

CREATE TABLE scheme_versions (
    id TEXT NOT NULL PRIMARY KEY,
    scheme_id TEXT NOT NULL REFERENCES schemes (id),
    version BIGINT NOT NULL,
    valid_from_on TEXT NOT NULL,
    threshold_fen BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (scheme_id, version)
);

-- One salt a period, so that exports name organisations by SHA-256(salt, USCC).
CREATE TABLE export_salts (
    period TEXT NOT NULL PRIMARY KEY,
    salt TEXT NOT NULL
);
