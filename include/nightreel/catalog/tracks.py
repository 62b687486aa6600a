"""Which tracks a release is made of, and which tracks no release has any more."""

from collections.abc import Collection, Iterable

from psycopg2.extras import execute_values

from nightreel.catalog.connection import Connect, Cursor, transaction
from nightreel.catalog.records import Claim
from nightreel.vocabulary.title import Title

# The id of a track ends in that of the release that it was made for.
_UNUSED = """
    SELECT v.track FROM unnest(%(listed)s::text[]) AS v(track)
    WHERE (right(v.track, length(%(release)s)) = %(release)s OR EXISTS (
            SELECT FROM nightreel.release_tracks t
            WHERE t.content_type = %(type)s AND t.content_id = %(id)s
              AND t.release = %(release)s AND t.track = v.track))
      AND NOT EXISTS (
            SELECT FROM nightreel.release_tracks t
            JOIN nightreel.releases r USING (content_type, content_id, release)
            WHERE t.content_type = %(type)s AND t.content_id = %(id)s AND t.track = v.track
              AND t.release <> %(release)s AND r.deleted_at IS NULL)
      AND NOT EXISTS (
            SELECT FROM nightreel.conversions c
            WHERE c.content_type = %(type)s AND c.content_id = %(id)s
              AND right(v.track, length(c.claimed_release)) = c.claimed_release)
    ORDER BY v.track
"""


def record_tracks(cursor: Cursor, claim: Claim, tracks: Iterable[str]) -> None:
    """Writes down the tracks of the release that a claim makes. Safe to repeat."""
    title = claim.title
    execute_values(
        cursor,
        "INSERT INTO nightreel.release_tracks (content_type, content_id, release, track) VALUES %s"
        " ON CONFLICT DO NOTHING",
        [(title.content_type, title.content_id, claim.release, track) for track in tracks],
    )


class Tracks:
    """Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def unused(self, title: Title, release: str, listed: Collection[str]) -> list[str]:
        """Those of the listed tracks of this release that nothing else needs.

        These are the tracks that it has or was the first to have, but for those of another release
        that is in the bucket, and those of the release that is being made.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(
                _UNUSED,
                {
                    "listed": list(listed),
                    "release": release,
                    "type": title.content_type,
                    "id": title.content_id,
                },
            )
            return [row["track"] for row in cursor.fetchall()]
