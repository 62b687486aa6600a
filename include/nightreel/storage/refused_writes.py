"""Why a bucket does not accept an object: a lock on its prefix, or the key pair."""

import contextlib
from secrets import token_hex

from nightreel.errors import ConfigurationError, NightreelError
from nightreel.storage.bucket import Bucket
from nightreel.storage.faults import ObjectRefused


def refused_write(refusal: ObjectRefused, key: str, bucket: Bucket) -> ConfigurationError:
    """The error for an object that the bucket refuses to store; the refusal itself if it refuses all."""
    if not is_usable(bucket):
        return refusal
    return ConfigurationError(
        f"the bucket {bucket.name!r} does not accept {key!r} ({refusal.code}), although it accepts "
        "others: a bucket lock, a retention rule or a policy holds its prefix; lift it for the prefix of "
        "the streams"
    )


def is_usable(bucket: Bucket) -> bool:
    """Whether the key pair can write and read at all, as every conversion must."""
    key, content = f"nightreel-check/{token_hex(8)}", token_hex(16).encode()
    try:
        bucket.put_bytes(key, content, "text/plain", "no-store")
        return bucket.get_bytes(key) == content
    except NightreelError:
        return False
    finally:
        with contextlib.suppress(NightreelError):
            bucket.delete([key])
