"""How long a write that was once allowed may still happen after the permission is gone."""

from datetime import timedelta

SIGNATURE_LIFE = timedelta(minutes=15)
"""How far a signed request's time may differ from the server's clock (AWS Signature Version 4)."""

LATE_WRITES = 2 * SIGNATURE_LIFE
"""This long after a lock is gone, every server refuses a request that was signed under it.

Twice the life of a signature, because the clocks of both may be wrong in opposite directions.
"""
