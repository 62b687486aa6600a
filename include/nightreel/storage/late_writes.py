"""For how long a write that was once allowed may still happen after the permission is gone."""

from datetime import timedelta

SIGNATURE_LIFE = timedelta(minutes=15)
"""How far the time of a signed request may be from the server's (AWS Signature Version 4)."""

LATE_WRITES = 2 * SIGNATURE_LIFE
"""So long after a lock is gone, a request that was signed under it is refused by every server.

Twice, because the clocks of the two may be wrong in opposite directions.
"""
