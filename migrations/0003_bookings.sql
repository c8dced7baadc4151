-- Slots take an instrument's time; bookings are one kind of what takes it.

CREATE TABLE slots (
    id TEXT NOT NULL PRIMARY KEY,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    kind TEXT NOT NULL,
    note TEXT NOT NULL,
    membership_id TEXT,
    created_at BIGINT NOT NULL,
    freed_at BIGINT
);
CREATE INDEX slots_of ON slots (instrument_id);

-- The overlap guard of each engine stands on this table: two live spans of one position never overlap.
CREATE TABLE slot_spans (
    id TEXT NOT NULL PRIMARY KEY,
    slot_id TEXT NOT NULL REFERENCES slots (id),
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    position BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    freed_at BIGINT,
    CONSTRAINT slot_spans_order CHECK (starts_at < ends_at)
);
CREATE INDEX slot_spans_live ON slot_spans (instrument_id, position, starts_at) WHERE freed_at IS NULL;
CREATE INDEX slot_spans_of ON slot_spans (slot_id);

CREATE TABLE bookings (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL REFERENCES organisations (id),
    placed_by TEXT NOT NULL REFERENCES memberships (id),
    group_id TEXT,
    instrument_id TEXT NOT NULL REFERENCES instruments (id),
    -- Who owned the instrument at the start.
    institution_id TEXT NOT NULL REFERENCES organisations (id),
    mode TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    slot_id TEXT REFERENCES slots (id),
    price_id TEXT NOT NULL REFERENCES prices (id),
    policy_id TEXT NOT NULL REFERENCES policies (id),
    hourly_fen BIGINT NOT NULL,
    fee_fen BIGINT NOT NULL,
    voucher TEXT NOT NULL,
    -- Why the booking can never draw on a voucher; NULL when it may.
    ineligible TEXT,
    purpose TEXT NOT NULL,
    purpose_kind TEXT NOT NULL,
    note TEXT NOT NULL,
    confidential_at BIGINT,
    created_at BIGINT NOT NULL,
    -- When an unanswered request expires.
    answer_due_at BIGINT,
    answered_at BIGINT,
    checked_in_at BIGINT,
    checked_out_at BIGINT,
    -- The live statement, its amount, and until when it is confirmed by the clock.
    statement_id TEXT,
    actual_fen BIGINT,
    confirm_due_at BIGINT,
    disputed_at BIGINT,
    settled_at BIGINT,
    no_show_at BIGINT,
    cancel_fee_fen BIGINT NOT NULL,
    override_reason TEXT,
    replaces TEXT REFERENCES bookings (id),
    CONSTRAINT bookings_order CHECK (starts_at < ends_at),
    CONSTRAINT bookings_money CHECK (fee_fen >= 0 AND cancel_fee_fen >= 0)
);
CREATE INDEX bookings_customer ON bookings (customer_id, starts_at);
CREATE INDEX bookings_instrument ON bookings (instrument_id, starts_at);
CREATE INDEX bookings_institution ON bookings (institution_id, state, starts_at);
CREATE INDEX bookings_state ON bookings (state, ends_at);
CREATE UNIQUE INDEX bookings_slot ON bookings (slot_id) WHERE slot_id IS NOT NULL;

-- History is the truth, the state is its last word. One row a version.
CREATE TABLE booking_events (
    booking_id TEXT NOT NULL REFERENCES bookings (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    verb TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    reason TEXT NOT NULL,
    membership_id TEXT REFERENCES memberships (id),
    job TEXT,
    PRIMARY KEY (booking_id, version)
);

CREATE TABLE statements (
    id TEXT NOT NULL PRIMARY KEY,
    booking_id TEXT NOT NULL REFERENCES bookings (id),
    version BIGINT NOT NULL,
    actual_fen BIGINT NOT NULL,
    -- What use and price give; NULL without recorded use.
    computed_fen BIGINT,
    used_seconds BIGINT NOT NULL,
    reason TEXT NOT NULL,
    membership_id TEXT REFERENCES memberships (id),
    at BIGINT NOT NULL,
    disputed_at BIGINT,
    dispute_reason TEXT,
    confirmed_at BIGINT,
    confirmed_by TEXT,
    CONSTRAINT statements_money CHECK (actual_fen >= 0),
    UNIQUE (booking_id, version)
);

CREATE TABLE charges (
    id TEXT NOT NULL PRIMARY KEY,
    statement_id TEXT NOT NULL REFERENCES statements (id),
    kind TEXT NOT NULL,
    quantity_seconds BIGINT NOT NULL,
    unit_price_fen BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL
);
CREATE INDEX charges_of ON charges (statement_id);
