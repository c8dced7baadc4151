-- Parties: organisations, persons, memberships. Nothing here is deleted; rows end.

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    uscc TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- Names and addresses are dated, so that an old report keeps its words. The current row has no end.
CREATE TABLE organisation_names (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT,
    PRIMARY KEY (organisation_id, from_on)
);
CREATE UNIQUE INDEX organisation_names_current ON organisation_names (organisation_id) WHERE until_on IS NULL;

CREATE TABLE organisation_addresses (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    region_code TEXT NOT NULL,
    address TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT,
    PRIMARY KEY (organisation_id, from_on)
);
CREATE UNIQUE INDEX organisation_addresses_current ON organisation_addresses (organisation_id) WHERE until_on IS NULL;

-- In what capacities an organisation takes part: institution, enterprise, bureau, platform.
CREATE TABLE organisation_sides (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    side TEXT NOT NULL,
    since_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (organisation_id, side)
);

CREATE TABLE bureaus (
    organisation_id TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id),
    parent_id TEXT REFERENCES bureaus (organisation_id)
);

-- An institution in a bureau's voucher pool.
CREATE TABLE enrolments (
    id TEXT NOT NULL PRIMARY KEY,
    bureau_id TEXT NOT NULL REFERENCES bureaus (organisation_id),
    institution_id TEXT NOT NULL REFERENCES organisations (id),
    from_on TEXT NOT NULL,
    until_on TEXT,
    membership_id TEXT,
    UNIQUE (bureau_id, institution_id, from_on)
);

-- Declared affiliation, common owner; stands in both directions.
CREATE TABLE relations (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    related_id TEXT NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL,
    evidence TEXT NOT NULL,
    membership_id TEXT,
    from_on TEXT NOT NULL,
    until_on TEXT,
    CONSTRAINT relations_two CHECK (organisation_id <> related_id)
);
CREATE INDEX relations_of ON relations (organisation_id);
CREATE INDEX relations_to ON relations (related_id);

CREATE TABLE sme_registrations (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    number TEXT NOT NULL,
    valid_from_on TEXT NOT NULL,
    valid_until_on TEXT NOT NULL,
    membership_id TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX sme_registrations_of ON sme_registrations (organisation_id, valid_until_on);

CREATE TABLE persons (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    lang TEXT NOT NULL,
    password_hash TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);

-- address is folded (lower case, trimmed).
CREATE TABLE identities (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    verified_at BIGINT,
    ended_at BIGINT
);
CREATE UNIQUE INDEX identities_live ON identities (kind, address) WHERE ended_at IS NULL;
CREATE INDEX identities_of ON identities (person_id);

CREATE TABLE memberships (
    id TEXT NOT NULL PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    side TEXT NOT NULL,
    role TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT
);
CREATE UNIQUE INDEX memberships_live ON memberships (person_id, organisation_id, side, role) WHERE until_at IS NULL;
CREATE INDEX memberships_of ON memberships (organisation_id, side, role);

-- Secrets are stored as SHA-256 only.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    membership_id TEXT NOT NULL REFERENCES memberships (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX sessions_of ON sessions (membership_id);

-- A bearer token belongs to a membership, or to one instrument.
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    membership_id TEXT REFERENCES memberships (id),
    instrument_id TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT tokens_one_owner CHECK ((membership_id IS NULL) <> (instrument_id IS NULL))
);

CREATE TABLE idempotency_keys (
    membership_id TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (membership_id, method, path, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE VIEW parties AS
SELECT o.id AS id, o.uscc AS uscc, n.name AS name, a.region_code AS region_code, a.address AS address
FROM organisations o
JOIN organisation_names n ON n.organisation_id = o.id AND n.until_on IS NULL
JOIN organisation_addresses a ON a.organisation_id = o.id AND a.until_on IS NULL;
