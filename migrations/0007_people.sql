-- People: sign-in tries, one-time links, registrations, invitations, consent, second factors, bank accounts.

-- Where a session was opened, shown to its person only.
ALTER TABLE sessions ADD COLUMN address TEXT;
ALTER TABLE sessions ADD COLUMN agent TEXT;
-- What a person calls a token.
ALTER TABLE tokens ADD COLUMN name TEXT;
-- Since when a bureau wants a second factor of its own people and of the platform's.
ALTER TABLE bureaus ADD COLUMN second_factor_at BIGINT;

-- account is the SHA-256 of the folded mail address, whether anybody has it or not; network the address, of IPv6 its first half.
CREATE TABLE sign_in_tries (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    network TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- right, wrong
    outcome TEXT NOT NULL
);
CREATE INDEX sign_in_tries_account ON sign_in_tries (account, at);
CREATE INDEX sign_in_tries_network ON sign_in_tries (network, at);
CREATE INDEX sign_in_tries_age ON sign_in_tries (at);

-- A link or a step that works once. object_id is NULL where the address asked for belongs to nobody: the row is written all the same.
CREATE TABLE one_time_secrets (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    account TEXT NOT NULL,
    object_id TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX one_time_secrets_account ON one_time_secrets (purpose, account, created_at);
CREATE INDEX one_time_secrets_age ON one_time_secrets (expires_at);

-- sides are words parted by commas. The password's hash moves to the person once the address is proved.
CREATE TABLE registrations (
    id TEXT NOT NULL PRIMARY KEY,
    bureau_id TEXT REFERENCES bureaus (organisation_id),
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    uscc TEXT NOT NULL,
    name TEXT NOT NULL,
    sides TEXT NOT NULL,
    region_code TEXT NOT NULL,
    address TEXT NOT NULL,
    bank TEXT NOT NULL,
    bank_number TEXT NOT NULL,
    invoice_address TEXT NOT NULL,
    invoice_phone TEXT NOT NULL,
    person_name TEXT NOT NULL,
    email TEXT NOT NULL,
    lang TEXT NOT NULL,
    privacy_version TEXT NOT NULL,
    password_hash TEXT,
    person_id TEXT REFERENCES persons (id),
    created_at BIGINT NOT NULL,
    filed_at BIGINT,
    decided_at BIGINT,
    decided_by TEXT REFERENCES memberships (id),
    organisation_id TEXT REFERENCES organisations (id),
    reason TEXT NOT NULL
);
CREATE INDEX registrations_state ON registrations (bureau_id, state, filed_at);
CREATE INDEX registrations_person ON registrations (person_id);

CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    side TEXT NOT NULL,
    role TEXT NOT NULL,
    email TEXT NOT NULL,
    invited_by TEXT NOT NULL REFERENCES memberships (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    person_id TEXT REFERENCES persons (id),
    withdrawn_at BIGINT
);
CREATE UNIQUE INDEX invitations_live ON invitations (organisation_id, side, email) WHERE accepted_at IS NULL AND withdrawn_at IS NULL;

CREATE TABLE consents (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    document TEXT NOT NULL,
    version TEXT NOT NULL,
    lang TEXT NOT NULL,
    given_at BIGINT NOT NULL
);
CREATE INDEX consents_of ON consents (person_id);

-- TOTP (RFC 6238). last_step is the last time step whose code was used: a code works once.
CREATE TABLE second_factors (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE UNIQUE INDEX second_factors_live ON second_factors (person_id) WHERE confirmed_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX second_factors_of ON second_factors (person_id);

CREATE TABLE recovery_codes (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    second_factor_id TEXT NOT NULL REFERENCES second_factors (id),
    used_at BIGINT
);
CREATE INDEX recovery_codes_of ON recovery_codes (second_factor_id);

-- A party's account for payments. The first comes with the registration; a later one holds once a second person has confirmed it.
CREATE TABLE bank_accounts (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    holder TEXT NOT NULL,
    bank TEXT NOT NULL,
    number TEXT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES memberships (id),
    proposed_person_id TEXT NOT NULL REFERENCES persons (id),
    proposed_at BIGINT NOT NULL,
    confirmed_by TEXT REFERENCES memberships (id),
    confirmed_person_id TEXT REFERENCES persons (id),
    confirmed_at BIGINT,
    declined_at BIGINT,
    ended_at BIGINT,
    CONSTRAINT bank_accounts_four_eyes CHECK (confirmed_person_id IS NULL OR confirmed_person_id <> proposed_person_id)
);
CREATE UNIQUE INDEX bank_accounts_live ON bank_accounts (organisation_id) WHERE confirmed_at IS NOT NULL AND ended_at IS NULL;
CREATE UNIQUE INDEX bank_accounts_proposed ON bank_accounts (organisation_id) WHERE confirmed_at IS NULL AND declined_at IS NULL;

-- What stands on invoices to a party (开票信息); the tax number is its USCC.
CREATE TABLE invoice_details (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    title TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    membership_id TEXT NOT NULL REFERENCES memberships (id),
    from_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE UNIQUE INDEX invoice_details_live ON invoice_details (organisation_id) WHERE ended_at IS NULL;
