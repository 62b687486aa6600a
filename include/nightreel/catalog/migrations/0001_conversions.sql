-- One row per title that Nightreel has ever claimed.
-- reason, warnings, source_*: of the latest attempt.
-- release, *_url, duration_seconds, variants, bytes …: of the published release, which a
-- later quarantine or failure leaves as it is.
CREATE TABLE nightreel.conversions (
    content_type       text NOT NULL,
    content_id         text NOT NULL,
    state              text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'claimed', 'published', 'quarantined', 'failed')),

    claim_token        uuid UNIQUE,
    claimed_release    text,
    owner              text,
    claimed_at         timestamptz,
    adopted_at         timestamptz,
    lease_expires_at   timestamptz,
    attempts           integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),

    source_url         text,
    source_version     text,
    fetched_from       text,
    source_bytes       bigint,
    source_etag        text,
    source_fingerprint text,
    reason_code        text,
    reason             text,
    warnings           text[] NOT NULL DEFAULT '{}',
    deadline_missed_at timestamptz,

    release            text,
    hls_url            text,
    dash_url           text,
    poster_url         text,
    duration_seconds   double precision,
    variants           jsonb NOT NULL DEFAULT '[]',
    files_uploaded     integer,
    bytes              bigint,
    processing_seconds double precision,
    published_at       timestamptz,
    updated_at         timestamptz NOT NULL DEFAULT now(),

    PRIMARY KEY (content_type, content_id),
    CHECK ((state = 'claimed') = (claim_token IS NOT NULL)),
    CHECK (claim_token IS NULL
        OR num_nulls(claimed_release, owner, claimed_at, lease_expires_at) = 0)
);
CREATE INDEX conversions_state ON nightreel.conversions (state);
CREATE INDEX conversions_lease ON nightreel.conversions (lease_expires_at) WHERE state = 'claimed';

-- The history: one row per claim, and how it ended.
CREATE TABLE nightreel.attempts (
    token              uuid PRIMARY KEY,
    content_type       text NOT NULL,
    content_id         text NOT NULL,
    owner              text NOT NULL,
    release            text NOT NULL,
    started_at         timestamptz NOT NULL DEFAULT now(),
    ended_at           timestamptz,
    outcome            text
        CHECK (outcome IN ('published', 'quarantined', 'failed', 'released', 'expired')),
    reason_code        text,
    reason             text,
    plan               jsonb,
    timings            jsonb NOT NULL DEFAULT '{}',
    duration_seconds   double precision,
    processing_seconds double precision,

    FOREIGN KEY (content_type, content_id) REFERENCES nightreel.conversions,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX attempts_title ON nightreel.attempts (content_type, content_id);
CREATE INDEX attempts_owner ON nightreel.attempts (owner);

-- Every release that a stable manifest points to, or may point to: a row is announced
-- before the manifests are written, and published in the transaction after.
CREATE TABLE nightreel.releases (
    content_type  text NOT NULL,
    content_id    text NOT NULL,
    release       text NOT NULL,
    announced_at  timestamptz NOT NULL DEFAULT now(),
    published_at  timestamptz,
    superseded_at timestamptz,
    deleted_at    timestamptz,

    PRIMARY KEY (content_type, content_id, release),
    FOREIGN KEY (content_type, content_id) REFERENCES nightreel.conversions
);
CREATE INDEX releases_superseded ON nightreel.releases (superseded_at)
    WHERE superseded_at IS NOT NULL AND deleted_at IS NULL;
