"""Decides whether a source that cannot be read is at fault, or the set-up.

What concerns one source is a verdict on its title. What fails for everything in the bucket is a fault
of the set-up, for which no title may be quarantined.
"""

import re

from nightreel.errors import NightreelError, SourceRejected
from nightreel.redaction import shown_url
from nightreel.storage.bucket import Bucket
from nightreel.storage.faults import ObjectRefused
from nightreel.storage.refused_writes import is_usable

_S3_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")
_EXPIRED = (b"Request has expired", b"<Code>ExpiredToken</Code>", b"<Code>RequestExpired</Code>")
_ARCHIVED = "restore it, or move it to a storage class that can be read at once"


def missing_object(key: str, bucket: Bucket) -> SourceRejected:
    """The refusal of a source that is not in the bucket (`source_missing`)."""
    sentence = f"the bucket {bucket.name!r} has no object {shown_url(key)!r}"
    if any(sign in key for sign in "?#"):
        sentence += (
            "; the part after its ? or # was taken as part of the key: begin a URL with https://, and give a "
            "signed one in full"
        )
    return SourceRejected("source_missing", sentence)


def refused_object(refusal: ObjectRefused, key: str, bucket: Bucket) -> NightreelError:
    """The verdict on an object that the bucket refuses; the refusal itself if it refuses all objects."""
    shown = shown_url(key)
    if refusal.code == "InvalidObjectState":
        return SourceRejected(
            "source_archived",
            f"the object {shown!r} is in an archive tier of the bucket {bucket.name!r} "
            f"({refusal.code}): {_ARCHIVED}",
        )
    if refusal.code == "InvalidRequest":
        return SourceRejected(
            "source_encrypted",
            f"the bucket {bucket.name!r} does not hand out {shown!r} ({refusal.code}), which is usual for "
            "objects that were encrypted with a customer's own key (SSE-C): store it without one",
        )
    if not is_usable(bucket):
        return refusal
    return SourceRejected(
        "source_forbidden",
        f"the bucket {bucket.name!r} does not hand out {shown!r} ({refusal.code}), although it "
        "serves others: it is not there (where the bucket may not be listed), or a policy or its encryption "
        "forbids it",
    )


def refused_url(status: int, body: bytes, shown: str) -> SourceRejected:
    """The verdict on a URL that answered 401 or 403."""
    said = _S3_CODE.search(body)
    code = said[1].decode() if said else ""
    told = f"{status}, {code}" if code else str(status)
    if any(mark in body for mark in _EXPIRED):
        return SourceRejected(
            "source_link_expired", f"the link to {shown} has expired ({told}): give the title a new one"
        )
    if code == "InvalidObjectState":
        return SourceRejected(
            "source_archived", f"what is at {shown} is in an archive tier ({told}): {_ARCHIVED}"
        )
    return SourceRejected(
        "source_forbidden",
        f"{shown} may not be read ({told}): it is not there, or its link is wrong, used up or expired",
    )
