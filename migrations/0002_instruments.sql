-- Instruments: technical facts; whose they are, what they cost and how they are booked are rows of their own.

CREATE TABLE instruments (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    model TEXT NOT NULL,
    maker TEXT NOT NULL,
    description TEXT NOT NULL,
    category_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    original_value_fen BIGINT NOT NULL,
    accepted_on TEXT,
    funding TEXT NOT NULL,
    positions BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- revision is touched by whoever wants its time; version rises with each change of the listing.
    revision BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT instruments_value CHECK (original_value_fen >= 0),
    CONSTRAINT instruments_positions CHECK (positions >= 1)
);
CREATE INDEX instruments_state ON instruments (state, id);

CREATE TABLE instrument_modes (
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    mode TEXT NOT NULL,
    PRIMARY KEY (instrument_id, mode)
);

-- Whose an instrument was, under which number and at which place.
CREATE TABLE tenures (
    id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    institution_id TEXT NOT NULL REFERENCES organisations (id),
    number TEXT NOT NULL,
    location TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT
);
CREATE UNIQUE INDEX tenures_current ON tenures (instrument_id) WHERE until_at IS NULL;
CREATE UNIQUE INDEX tenures_number ON tenures (institution_id, number) WHERE until_at IS NULL;
CREATE INDEX tenures_of ON tenures (instrument_id, from_at);

-- When an instrument counted: from_on <= day < until_on.
CREATE TABLE service_periods (
    id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    from_on TEXT NOT NULL,
    until_on TEXT
);
CREATE INDEX service_periods_of ON service_periods (instrument_id, from_on);

CREATE TABLE listing_events (
    id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    at BIGINT NOT NULL,
    membership_id TEXT
);
CREATE INDEX listing_events_of ON listing_events (instrument_id, at);

-- Prices, policies and opening hours are versions: a row is closed, never changed.
CREATE TABLE prices (
    id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    -- Its place in the list as it was set.
    position BIGINT NOT NULL,
    unit TEXT NOT NULL,
    audience TEXT NOT NULL,
    mode TEXT,
    amount_fen BIGINT NOT NULL,
    valid_from_on TEXT,
    valid_to_on TEXT,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    CONSTRAINT prices_amount CHECK (amount_fen >= 0)
);
CREATE INDEX prices_of ON prices (instrument_id, closed_at);

CREATE TABLE policies (
    id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    grid_minutes BIGINT NOT NULL,
    min_minutes BIGINT NOT NULL,
    max_minutes BIGINT NOT NULL,
    notice_minutes BIGINT NOT NULL,
    horizon_days BIGINT NOT NULL,
    buffer_minutes BIGINT NOT NULL,
    approval TEXT NOT NULL,
    approval_hours BIGINT NOT NULL,
    free_cancel_minutes BIGINT NOT NULL,
    late_cancel_percent BIGINT NOT NULL,
    no_show_minutes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE UNIQUE INDEX policies_current ON policies (instrument_id) WHERE closed_at IS NULL;

CREATE TABLE opening_hours (
    id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    holidays TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE UNIQUE INDEX opening_hours_current ON opening_hours (instrument_id) WHERE closed_at IS NULL;

-- Minutes from local midnight; closes_minute may be 1440.
CREATE TABLE opening_spans (
    opening_id TEXT NOT NULL REFERENCES opening_hours (id),
    weekday BIGINT NOT NULL,
    opens_minute BIGINT NOT NULL,
    closes_minute BIGINT NOT NULL,
    PRIMARY KEY (opening_id, weekday, opens_minute),
    CONSTRAINT opening_spans_order CHECK (opens_minute >= 0 AND opens_minute < closes_minute AND closes_minute <= 1440)
);

-- The search index: words, pinyin, initials and prefixes, looked up by equality.
CREATE TABLE instrument_words (
    word TEXT NOT NULL,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    weight BIGINT NOT NULL,
    PRIMARY KEY (word, instrument_id)
);
CREATE INDEX instrument_words_of ON instrument_words (instrument_id);

-- Holidays and make-up working days; a day without a row goes by its weekday.
CREATE TABLE calendar_days (
    day TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    open_as BIGINT
);

CREATE VIEW instruments_now AS
SELECT i.id AS id, t.institution_id AS institution_id, t.number AS number, t.location AS location, i.name AS name, i.name_en AS name_en, i.model AS model,
       i.maker AS maker, i.description AS description, i.category_code AS category_code, i.kind AS kind, i.original_value_fen AS original_value_fen,
       i.accepted_on AS accepted_on, i.funding AS funding, i.positions AS positions, i.state AS state, i.revision AS revision,
       i.version AS version, (SELECT min(s.from_on) FROM service_periods s WHERE s.instrument_id = i.id) AS commissioned_on,
       (SELECT min(e.at) FROM listing_events e WHERE e.instrument_id = i.id AND e.to_state = 'published') AS listed_at,
       i.created_at AS created_at, i.updated_at AS updated_at
FROM instruments i
JOIN tenures t ON t.instrument_id = i.id AND t.until_at IS NULL;
