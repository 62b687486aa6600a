"""Whether what is published of a title is encrypted."""

ENCRYPTED = """EXISTS (
    SELECT FROM nightreel.content_keys k
    JOIN nightreel.releases r USING (content_type, content_id, timeline)
    WHERE k.content_type = c.content_type AND k.content_id = c.content_id AND r.release = c.release
)"""
"""Whether the published release of the conversion `c` is encrypted."""
