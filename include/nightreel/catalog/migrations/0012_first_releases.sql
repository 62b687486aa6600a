-- A title's first release has only some of its tracks. A later one, from the same source, has them all.
ALTER TABLE nightreel.conversions ADD COLUMN complete boolean NOT NULL DEFAULT TRUE;
CREATE INDEX conversions_incomplete ON nightreel.conversions (content_type, content_id) WHERE NOT complete;

-- Of an attempt that published a release: whether that release was complete.
ALTER TABLE nightreel.attempts ADD COLUMN complete boolean;
UPDATE nightreel.attempts SET complete = TRUE WHERE outcome = 'published';
