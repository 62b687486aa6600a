"""Where Nightreel writes in the bucket. Anything elsewhere belongs to other applications."""

from nightreel.vocabulary.layout import RELEASES

SOURCES = "sources/"
UPLOADS = f"{SOURCES}uploads/"
"""Sources that came through the web app, each under a made-up name.

`nightreel add` writes to `sources/<type>s/<id>/`, where the platform may keep sources of its own, so
nothing is ever deleted or aborted there. R2 itself aborts multipart uploads after seven days.
"""

OWN_PREFIXES = (RELEASES, UPLOADS)
"""Where housekeeping may abort and delete. The work area's prefix is set separately."""
