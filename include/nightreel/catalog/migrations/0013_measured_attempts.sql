-- What an attempt published: all files of its release, also once that is replaced.
ALTER TABLE nightreel.attempts ADD COLUMN bytes bigint, ADD COLUMN files integer;
UPDATE nightreel.attempts a SET bytes = c.bytes, files = c.files_uploaded
FROM nightreel.conversions c
WHERE a.outcome = 'published' AND c.content_type = a.content_type AND c.content_id = a.content_id
  AND c.release = a.release;
