-- An upload belongs to who announced it, and to the title for which it was announced: the same
-- file may come from two clients, or for two titles, at once. `video_hash` is what the client calls
-- it by: the digest where that name is free, else one that was made up. Uploads from before
-- belong to nobody; clients announce them again.
ALTER TABLE nightreel.uploads ADD COLUMN owner text NOT NULL DEFAULT '', ADD COLUMN digest text;
UPDATE nightreel.uploads SET digest = video_hash WHERE has_digest;
ALTER TABLE nightreel.upload_chunks
    DROP CONSTRAINT upload_chunks_video_hash_fkey,
    DROP CONSTRAINT upload_chunks_pkey,
    ADD COLUMN owner text NOT NULL DEFAULT '';
ALTER TABLE nightreel.uploads
    DROP COLUMN has_digest,
    DROP CONSTRAINT uploads_pkey,
    ADD PRIMARY KEY (owner, video_hash),
    ALTER COLUMN owner DROP DEFAULT;
ALTER TABLE nightreel.upload_chunks
    ADD PRIMARY KEY (owner, video_hash, chunk_index),
    ADD FOREIGN KEY (owner, video_hash) REFERENCES nightreel.uploads ON DELETE CASCADE,
    ALTER COLUMN owner DROP DEFAULT;
CREATE INDEX uploads_digest ON nightreel.uploads (owner, digest);
