-- Vouchers (创新券): programmes, purses, the ledger, holds, claims.

CREATE TABLE programmes (
    id TEXT NOT NULL PRIMARY KEY,
    bureau_id TEXT NOT NULL REFERENCES bureaus (organisation_id),
    year BIGINT NOT NULL,
    -- Decides which claims are drawn for a second review; secret until the programme closes.
    seed TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (bureau_id, year)
);

CREATE TABLE programme_versions (
    id TEXT NOT NULL PRIMARY KEY,
    programme_id TEXT NOT NULL REFERENCES programmes (id),
    version BIGINT NOT NULL,
    valid_from_on TEXT NOT NULL,
    rate_bp BIGINT NOT NULL,
    cap_fen BIGINT NOT NULL,
    rounding_fen BIGINT NOT NULL,
    budget_fen BIGINT NOT NULL,
    commit_percent BIGINT NOT NULL,
    use_by_on TEXT NOT NULL,
    redeem_by_on TEXT NOT NULL,
    draw_percent BIGINT NOT NULL,
    source TEXT NOT NULL,
    membership_id TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (programme_id, version)
);

-- One per enterprise and programme. The schema itself refuses a negative balance.
CREATE TABLE purses (
    id TEXT NOT NULL PRIMARY KEY,
    programme_id TEXT NOT NULL REFERENCES programmes (id),
    enterprise_id TEXT NOT NULL REFERENCES organisations (id),
    granted_fen BIGINT NOT NULL,
    available_fen BIGINT NOT NULL,
    held_fen BIGINT NOT NULL,
    claimed_fen BIGINT NOT NULL,
    redeemed_fen BIGINT NOT NULL,
    lapsed_fen BIGINT NOT NULL,
    returned_fen BIGINT NOT NULL,
    movements BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (programme_id, enterprise_id),
    CONSTRAINT purses_available CHECK (available_fen >= 0),
    CONSTRAINT purses_held CHECK (held_fen >= 0),
    CONSTRAINT purses_claimed CHECK (claimed_fen >= 0),
    CONSTRAINT purses_redeemed CHECK (redeemed_fen >= 0),
    CONSTRAINT purses_lapsed CHECK (lapsed_fen >= 0),
    CONSTRAINT purses_returned CHECK (returned_fen >= 0),
    CONSTRAINT purses_sum CHECK (granted_fen = available_fen + held_fen + claimed_fen + redeemed_fen + lapsed_fen + returned_fen)
);
CREATE INDEX purses_of ON purses (enterprise_id);

-- The ledger: append-only, numbered within its purse. Accounts: budget, available, held, claimed, redeemed, lapsed, returned.
CREATE TABLE movements (
    id TEXT NOT NULL PRIMARY KEY,
    purse_id TEXT NOT NULL REFERENCES purses (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    from_account TEXT NOT NULL,
    to_account TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    -- booking, statement, claim, application, return, job
    cause_kind TEXT NOT NULL,
    cause_id TEXT NOT NULL,
    membership_id TEXT REFERENCES memberships (id),
    job TEXT,
    CONSTRAINT movements_amount CHECK (amount_fen > 0),
    CONSTRAINT movements_accounts CHECK (from_account <> to_account),
    UNIQUE (purse_id, number)
);
CREATE INDEX movements_cause ON movements (cause_kind, cause_id);

-- What is held (冻结) for a booking now. drawn_on is the local day of its start, which names the year of the purse.
CREATE TABLE holds (
    booking_id TEXT NOT NULL PRIMARY KEY REFERENCES bookings (id),
    purse_id TEXT NOT NULL REFERENCES purses (id),
    programme_version_id TEXT NOT NULL REFERENCES programme_versions (id),
    drawn_on TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    CONSTRAINT holds_amount CHECK (amount_fen >= 0)
);
CREATE INDEX holds_of ON holds (purse_id);

CREATE TABLE applications (
    id TEXT NOT NULL PRIMARY KEY,
    programme_id TEXT NOT NULL REFERENCES programmes (id),
    enterprise_id TEXT NOT NULL REFERENCES organisations (id),
    amount_fen BIGINT NOT NULL,
    sme_number TEXT NOT NULL,
    state TEXT NOT NULL,
    filed_by TEXT NOT NULL REFERENCES memberships (id),
    filed_at BIGINT NOT NULL,
    granted_fen BIGINT,
    decided_by TEXT REFERENCES memberships (id),
    decided_at BIGINT,
    reason TEXT NOT NULL,
    CONSTRAINT applications_amount CHECK (amount_fen > 0)
);
CREATE INDEX applications_of ON applications (enterprise_id, filed_at);
CREATE INDEX applications_state ON applications (programme_id, state, filed_at);

-- sha256 is not unique: a unique hash would tell one firm what another has uploaded.
CREATE TABLE files (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    class TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    membership_id TEXT NOT NULL REFERENCES memberships (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX files_of ON files (organisation_id);

-- number and code have their spelling removed; code is empty for electronic invoices.
CREATE TABLE invoices (
    id TEXT NOT NULL PRIMARY KEY,
    seller_uscc TEXT NOT NULL,
    code TEXT NOT NULL,
    number TEXT NOT NULL,
    gross_fen BIGINT NOT NULL,
    issued_on TEXT NOT NULL,
    buyer_id TEXT NOT NULL REFERENCES organisations (id),
    red_of TEXT REFERENCES invoices (id),
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT invoices_gross CHECK (gross_fen > 0),
    UNIQUE (seller_uscc, code, number)
);

CREATE TABLE claims (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    enterprise_id TEXT NOT NULL REFERENCES organisations (id),
    institution_id TEXT NOT NULL REFERENCES organisations (id),
    programme_id TEXT NOT NULL REFERENCES programmes (id),
    programme_version_id TEXT NOT NULL REFERENCES programme_versions (id),
    purse_id TEXT NOT NULL REFERENCES purses (id),
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    -- As the enterprise typed them.
    invoice_number TEXT NOT NULL,
    invoice_code TEXT NOT NULL,
    invoice_fen BIGINT NOT NULL,
    invoice_on TEXT NOT NULL,
    paid_fen BIGINT NOT NULL,
    paid_on TEXT NOT NULL,
    -- A and the holds summed over the bookings when it was filed, and what is claimed.
    actual_fen BIGINT NOT NULL,
    held_fen BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    contract_file_id TEXT NOT NULL REFERENCES files (id),
    note TEXT NOT NULL,
    -- Drawn for a second review.
    drawn_at BIGINT,
    filed_by TEXT NOT NULL REFERENCES memberships (id),
    filed_at BIGINT NOT NULL,
    decided_at BIGINT,
    ended_at BIGINT,
    paid_at BIGINT,
    bank_reference TEXT,
    CONSTRAINT claims_amount CHECK (amount_fen > 0)
);
CREATE INDEX claims_enterprise ON claims (enterprise_id, filed_at);
CREATE INDEX claims_institution ON claims (institution_id, filed_at);
CREATE INDEX claims_state ON claims (programme_id, state, filed_at);
CREATE INDEX claims_invoice ON claims (invoice_id);

-- ended_at is set when the claim is rejected or withdrawn: a booking stands in at most one live claim.
CREATE TABLE claim_items (
    claim_id TEXT NOT NULL REFERENCES claims (id),
    booking_id TEXT NOT NULL REFERENCES bookings (id),
    amount_fen BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (claim_id, booking_id),
    CONSTRAINT claim_items_amount CHECK (amount_fen >= 0)
);
CREATE UNIQUE INDEX claim_items_live ON claim_items (booking_id) WHERE ended_at IS NULL;

CREATE TABLE claim_files (
    claim_id TEXT NOT NULL REFERENCES claims (id),
    file_id TEXT NOT NULL REFERENCES files (id),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (claim_id, file_id)
);
CREATE INDEX claim_files_file ON claim_files (file_id);

-- Every step a person took: file, answer, withdraw, approve, approve_second, reject, send_back, pay, claw_back.
CREATE TABLE reviews (
    claim_id TEXT NOT NULL REFERENCES claims (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    step TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    note TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    membership_id TEXT NOT NULL REFERENCES memberships (id),
    PRIMARY KEY (claim_id, version)
);

-- facts is JSON.
CREATE TABLE claim_flags (
    claim_id TEXT NOT NULL REFERENCES claims (id),
    rule TEXT NOT NULL,
    booking_id TEXT NOT NULL,
    severity TEXT NOT NULL,
    facts TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (claim_id, rule, booking_id)
);

CREATE TABLE recoveries (
    id TEXT NOT NULL PRIMARY KEY,
    claim_id TEXT NOT NULL REFERENCES claims (id),
    amount_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    membership_id TEXT NOT NULL REFERENCES memberships (id),
    at BIGINT NOT NULL,
    CONSTRAINT recoveries_amount CHECK (amount_fen > 0)
);
CREATE INDEX recoveries_of ON recoveries (claim_id);

-- After a claw-back: not eligible from from_year to until_year, both included.
CREATE TABLE voucher_bars (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES organisations (id),
    claim_id TEXT NOT NULL REFERENCES claims (id),
    from_year BIGINT NOT NULL,
    until_year BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX voucher_bars_of ON voucher_bars (enterprise_id);
