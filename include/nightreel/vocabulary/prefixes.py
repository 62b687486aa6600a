"""Where in the bucket Nightreel writes. Whatever lies elsewhere is another application's."""

from nightreel.vocabulary.release import RELEASES

SOURCES = "sources/"
UPLOADS = f"{SOURCES}uploads/"
"""Sources that came through the web app, each under a made-up name.

`nightreel add` writes to `sources/<type>s/<id>/`, where the platform may keep sources of its own:
there nothing is ever deleted or aborted. R2 itself ends uploads in parts after seven days.
"""

OWN_PREFIXES = (RELEASES, UPLOADS)
"""Where housekeeping may abort and delete. The work area has a prefix of its own, by its setting."""
