"""States of titles, attempts and uploads, as the catalog stores them and everything reports them."""

from typing import Literal

Verdict = Literal["published", "quarantined", "failed"]
"""The state in which a completed run leaves its title."""
State = Literal["pending", "claimed", Verdict]
"""The state of a title."""
Outcome = Literal["published", "unchanged", "quarantined", "failed", "released", "expired"]
"""How an attempt ended."""
Part = Literal["first", "rest", "whole"]
"""What a conversion makes: a first release, what a first release lacks, or all of a title at once."""
UploadState = Literal["uploading", "finished"]
"""The state of a file that is uploaded in chunks."""
