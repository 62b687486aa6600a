-- What housekeeping found to be nobody's, and since when: it goes when a grace period is over.
-- name: a key of the bucket, or of a title its content id (content_type has the rest).
CREATE TABLE nightreel.leftovers (
    kind         text NOT NULL CHECK (kind IN ('orphaned_title', 'unnamed_upload')),
    content_type text NOT NULL DEFAULT '',
    name         text NOT NULL,
    found_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, content_type, name)
);

-- How far a chore came that looks at a part of the bucket in each run: the next one goes on there.
CREATE TABLE nightreel.cursors (
    chore      text PRIMARY KEY,
    position   text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE nightreel.events DROP CONSTRAINT events_kind_check;
ALTER TABLE nightreel.events ADD CONSTRAINT events_kind_check CHECK (kind IN
    ('published', 'quarantined', 'failed', 'deadline_missed', 'backlog_report', 'titles_orphaned'));
