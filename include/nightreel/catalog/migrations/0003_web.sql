-- Keys by which programs use the API. The secret part is 256 random bits, so that one round of
-- SHA-256 keeps it; it is shown once, when the key is made.
CREATE TABLE nightreel.api_keys (
    key_id        text PRIMARY KEY,
    name          text NOT NULL,
    secret_sha256 text NOT NULL,
    scopes        text[] NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);

-- Uploads in chunks: one multipart upload of the bucket each. video_hash is the SHA-256 of the
-- file where the client said it (has_digest), else a name that was made up. chunk_bytes is the
-- size of every chunk but the last; it is chosen where the client said the size of the file.
CREATE TABLE nightreel.uploads (
    video_hash   text PRIMARY KEY,
    has_digest   boolean NOT NULL,
    name         text NOT NULL,
    content_type text,
    content_id   text,
    object_key   text NOT NULL,
    multipart_id text NOT NULL,
    total_chunks integer NOT NULL CHECK (total_chunks > 0),
    chunk_bytes  bigint,
    bytes        bigint,
    state        text NOT NULL DEFAULT 'uploading' CHECK (state IN ('uploading', 'finished')),
    job_id       text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE nightreel.upload_chunks (
    video_hash  text NOT NULL REFERENCES nightreel.uploads ON DELETE CASCADE,
    chunk_index integer NOT NULL CHECK (chunk_index >= 0),
    etag        text NOT NULL,
    bytes       bigint NOT NULL,
    PRIMARY KEY (video_hash, chunk_index)
);

-- How far a job was when it was last asked after: its percentage never falls, whatever is tried again.
CREATE TABLE nightreel.jobs (
    job_id       text PRIMARY KEY,
    content_type text NOT NULL,
    content_id   text NOT NULL,
    percent      double precision NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- What others are to be told. Written in the transaction in which it became true, so that
-- nothing is told that did not happen, and nothing that happened is forgotten.
CREATE TABLE nightreel.events (
    event_id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind        text NOT NULL
        CHECK (kind IN ('published', 'quarantined', 'failed', 'deadline_missed', 'backlog_report')),
    owner       text,
    payload     jsonb NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_occurred ON nightreel.events (occurred_at);

-- One row per event and receiver. `receiver` is a digest: an address may hold a secret.
CREATE TABLE nightreel.deliveries (
    event_id     uuid NOT NULL REFERENCES nightreel.events ON DELETE CASCADE,
    receiver     text NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    last_error   text,
    delivered_at timestamptz,
    given_up_at  timestamptz,
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_id, receiver)
);

-- The forecast asks for the latest conversions that were published.
CREATE INDEX attempts_published ON nightreel.attempts (ended_at) WHERE outcome = 'published';
