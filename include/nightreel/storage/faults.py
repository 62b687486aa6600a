"""Sorts the faults of an S3 service into those that a retry may cure and those that a person must."""

import contextlib
from collections.abc import Iterator

from boto3.exceptions import RetriesExceededError, S3UploadFailedError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from nightreel.errors import ConfigurationError, ObjectChanged, StorageUnavailable, Transient
from nightreel.redaction import redacted

_MISSING = {"404", "NoSuchKey", "NotFound"}
_REFUSED = {
    "401",
    "403",
    "AccessDenied",
    "AuthorizationHeaderMalformed",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "Unauthorized",
}
_OBJECT_REFUSED = {"403", "AccessDenied", "InvalidObjectState", "InvalidRequest"}
"""May concern one object only: one that is missing where listing is forbidden, archived, or encrypted
by its owner."""
_WRITES = {"PutObject", "CreateMultipartUpload", "CompleteMultipartUpload", "DeleteObject"}
_LOCKED = {"ObjectLockedByBucketPolicy", "ObjectLocked", "409"}
"""R2's code for a bucket lock, and what other services answer."""
_WRITE_REFUSED = {"403", "AccessDenied", *_LOCKED}
# R2 answers with the latter when two conditional writes meet.
_CHANGED = {"412", "PreconditionFailed", "ConditionalRequestConflict"}
_UNKNOWN = {"501", "NotImplemented"}
_NO_BUCKET = {"InvalidBucketName", "NoSuchBucket"}


class ObjectRefused(ConfigurationError):
    """The service refuses to read, write or delete an object.

    `code` is its reason; it may refuse all others too.
    """

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


def is_missing(error: ClientError) -> bool:
    """Whether the service says that there is no such object (or, to HEAD, no such bucket)."""
    return error.response["Error"]["Code"] in _MISSING


def is_unknown(error: ClientError) -> bool:
    """Whether the service does not know the request."""
    return error.response["Error"]["Code"] in _UNKNOWN


@contextlib.contextmanager
def translated(bucket: str) -> Iterator[None]:
    """Turn what botocore raises within the block into StorageUnavailable or ConfigurationError.

    A failed condition becomes ObjectChanged.
    """
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError):
        raise ConfigurationError(
            "the bucket needs a key pair: set R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY"
        ) from None
    except ParamValidationError as error:
        raise ConfigurationError(f"the bucket {bucket!r} cannot be queried: {redacted(str(error))}") from None
    except ClientError as error:
        raise _sorted(error, bucket) from error
    except (BotoCoreError, ResponseParserError, S3UploadFailedError, RetriesExceededError) as error:
        # Not chained, because the error quotes the URL, and the key may be a signed URL without its host.
        raise StorageUnavailable(f"the bucket {bucket} did not answer: {redacted(str(error))}") from None


def _locked(bucket: str, operation: str, code: str) -> str:
    return (
        f"the bucket {bucket!r} refused {operation} ({code}): a bucket lock or a retention rule holds the "
        "object; lift it for the prefix of the streams"
    )


def _sorted(error: ClientError, bucket: str) -> ConfigurationError | Transient:
    code = error.response["Error"]["Code"]
    operation = error.operation_name
    if code in _NO_BUCKET:
        return ConfigurationError(
            f"there is no bucket {bucket!r} ({code}): correct R2_BUCKET_NAME, or create the bucket"
        )
    refused = (
        f"the bucket {bucket!r} refused {operation} ({code}): check R2_ACCESS_KEY_ID, "
        "R2_SECRET_ACCESS_KEY and the key's permissions"
    )
    if operation == "GetObject" and code in _OBJECT_REFUSED:
        return ObjectRefused(refused, code)
    if operation in _WRITES and code in _WRITE_REFUSED:
        return ObjectRefused(_locked(bucket, operation, code) if code in _LOCKED else refused, code)
    if code in _REFUSED:
        return ConfigurationError(refused)
    if code in _CHANGED:
        return ObjectChanged(
            f"an object in the bucket {bucket!r} was changed by someone else ({operation}: {code})"
        )
    # Everything else (server errors, throttling, a broken body) is worth another try.
    return StorageUnavailable(f"the bucket {bucket!r} answered {operation} with {code}")
