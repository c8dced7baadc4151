-- Outbox, job runs, audit.

-- id is event/object/version/recipient, which is also the Message-ID. facts is JSON. A notice is for a membership, or for the bare
-- address of somebody who has none; secret is what its link carries, wiped once it was delivered or given up.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    membership_id TEXT REFERENCES memberships (id),
    address TEXT,
    secret TEXT,
    channel TEXT NOT NULL,
    facts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    claimed_until BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    delivered_at BIGINT,
    failed_at BIGINT,
    last_error TEXT,
    CONSTRAINT outbox_one_recipient CHECK ((membership_id IS NULL) <> (address IS NULL))
);
CREATE INDEX outbox_waiting ON outbox (due_at) WHERE delivered_at IS NULL AND failed_at IS NULL;

-- number 0 is the scheduled run of an instant, which happens once; runs by hand count up.
CREATE TABLE job_runs (
    job TEXT NOT NULL,
    instant BIGINT NOT NULL,
    number BIGINT NOT NULL,
    node TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT,
    report TEXT NOT NULL,
    by_hand TEXT,
    PRIMARY KEY (job, instant, number)
);
CREATE INDEX job_runs_latest ON job_runs (job, started_at);

CREATE TABLE audit_records (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    person_id TEXT,
    membership_id TEXT,
    job TEXT,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    facts TEXT NOT NULL,
    request_id TEXT NOT NULL,
    seal_number BIGINT
);
CREATE INDEX audit_records_unsealed ON audit_records (id) WHERE seal_number IS NULL;
CREATE INDEX audit_records_sealed ON audit_records (seal_number) WHERE seal_number IS NOT NULL;
CREATE INDEX audit_records_object ON audit_records (object_kind, object_id);

CREATE TABLE seals (
    number BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    records BIGINT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL
);

-- Facts of the installation that must outlive a restart, such as whether the demo was loaded.
CREATE TABLE marks (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
