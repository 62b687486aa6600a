"""States of titles, attempts and uploads, as the catalog stores them and everything reports them."""

from typing import Literal

Verdict = Literal["published", "quarantined", "failed"]
"""How a run that came to its end leaves its title."""
State = Literal["pending", "claimed", Verdict]
"""Of a title."""
Outcome = Literal["published", "unchanged", "quarantined", "failed", "released", "expired"]
"""Of an attempt that is over."""
UploadState = Literal["uploading", "finished"]
"""Of a file that comes in chunks."""
