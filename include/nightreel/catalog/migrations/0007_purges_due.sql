-- Titles that were taken down, of which caches have not been purged since. Written in the
-- transaction of the withdrawal, so that no stop between the two leaves a title in caches.
CREATE TABLE nightreel.purges_due (
    content_type text NOT NULL,
    content_id   text NOT NULL,
    since        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (content_type, content_id)
);
