"""Log records of one line each without secrets, whatever names and messages of others they hold."""

import logging
import re
from collections.abc import Callable
from contextlib import suppress

from nightreel.redaction import redacted
from nightreel.text import escaped

_PACKAGE = __name__.partition(".")[0]
_LONGEST = 10_000

_CLIENTS = frozenset({"httpx", "httpcore", "urllib3", "requests", "boto3", "botocore", "s3transfer"})
"""They log the addresses that they ask, and when they are asked for more, what they sign them with."""
_QUERY = re.compile(r"\?[^\s\"'<>]+")

Factory = Callable[..., logging.LogRecord]


def keep_logs_clean() -> None:
    """From now on a message of Nightreel's is one line, and one of its HTTP clients has no query.

    A line break within a name would begin a line that nobody logged (CWE-117). A query may be a
    signature or a token, so the clients tell of warnings alone, whatever level the root logger
    has, and what they tell has no query. Other loggers are left as they are. Safe to call again.
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
        # structlog makes records without a name, to copy into.
        clean = _cleaning((record.name or "").partition(".")[0])
        if clean is not None:
            # Arguments that do not fit are told by whoever writes the record, and stop nobody's work.
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
