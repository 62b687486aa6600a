-- The published release's: the SHA-256 of the source it was made from, and its warnings. A claim
-- begins those of its own, and may end with the news that the source is the same.
ALTER TABLE nightreel.conversions ADD COLUMN release_fingerprint text;
ALTER TABLE nightreel.conversions ADD COLUMN release_warnings text[] NOT NULL DEFAULT '{}';
-- Whether a person wants the present source converted, whatever is published of it; holds until it is.
ALTER TABLE nightreel.conversions ADD COLUMN forced boolean NOT NULL DEFAULT FALSE;

UPDATE nightreel.conversions SET release_fingerprint = source_fingerprint WHERE state = 'published';

ALTER TABLE nightreel.attempts DROP CONSTRAINT attempts_outcome_check;
ALTER TABLE nightreel.attempts ADD CONSTRAINT attempts_outcome_check CHECK (outcome IN
    ('published', 'unchanged', 'quarantined', 'failed', 'released', 'expired'));
