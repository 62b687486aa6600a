-- The tracks of each release. One track may belong to several releases, and stays in the bucket
-- while one of them does. A release from before has none: it lies in a folder of its own.
CREATE TABLE nightreel.release_tracks (
    content_type text NOT NULL,
    content_id   text NOT NULL,
    release      text NOT NULL,
    track        text NOT NULL,

    PRIMARY KEY (content_type, content_id, release, track),
    FOREIGN KEY (content_type, content_id, release) REFERENCES nightreel.releases ON DELETE CASCADE
);

-- The grid of frames that all tracks of a release share, by the release that it was first made for.
ALTER TABLE nightreel.releases ADD COLUMN timeline text;
UPDATE nightreel.releases SET timeline = release;
ALTER TABLE nightreel.releases ALTER COLUMN timeline SET NOT NULL;

-- A content key belongs to a timeline: tracks that are shared are encrypted with it.
ALTER TABLE nightreel.content_keys RENAME COLUMN release TO timeline;
