"""Log records: one line each, without secrets, whatever names and messages of others they quote."""

import logging
import re
from collections.abc import Callable
from contextlib import suppress

from nightreel.redaction import redacted
from nightreel.text import escaped

_PACKAGE = __name__.partition(".")[0]
_LONGEST = 10_000

_CLIENTS = frozenset({"httpx", "httpcore", "urllib3", "requests", "boto3", "botocore", "s3transfer"})
"""They log the URLs that they request and, at a more detailed level, what they sign requests with."""
_QUERY = re.compile(r"\?[^\s\"'<>]+")

Factory = Callable[..., logging.LogRecord]


def keep_logs_clean() -> None:
    """From now on, each of Nightreel's messages is one line, and those of its HTTP clients show no query.

    A line break within a name would fake a log line (CWE-117). A query may be a signature or a token.
    So the clients log only warnings, whatever level the root logger has, without queries. Other
    loggers are left as they are. Safe to call again.
    """
    before = logging.getLogRecordFactory()
    if not isinstance(before, _CleanFactory):
        logging.setLogRecordFactory(_CleanFactory(before))
        for client in _CLIENTS:
            logging.getLogger(client).setLevel(logging.WARNING)


class _CleanFactory:
    def __init__(self, factory: Factory) -> None:
        self._factory = factory

    def __call__(self, *args: object, **kwargs: object) -> logging.LogRecord:
        record = self._factory(*args, **kwargs)
        # structlog makes nameless records, which it then fills from another record.
        clean = _cleaning((record.name or "").partition(".")[0])
        if clean is not None:
            # Arguments that do not fit are reported when the record is written, and stop nobody's work.
            with suppress(TypeError, ValueError, KeyError):
                record.msg, record.args = clean(record.getMessage()), ()
        return record


def _cleaning(package: str) -> Callable[[str], str] | None:
    if package == _PACKAGE:
        return _one_line
    return _without_queries if package in _CLIENTS else None


def _one_line(message: str) -> str:
    return escaped(message, _LONGEST)


def _without_queries(message: str) -> str:
    return _QUERY.sub("?***", redacted(message))
