"""Log records of one line each, whatever names and messages of other programs they hold."""

import logging
from collections.abc import Callable
from contextlib import suppress

from nightreel.text import escaped

_PACKAGE = __name__.partition(".")[0]
_LONGEST = 10_000

Factory = Callable[..., logging.LogRecord]


def keep_lines_whole() -> None:
    """From now on the messages of Nightreel's own loggers are escaped, by whatever they are written.

    A line break within a name would begin a line that nobody logged (CWE-117). The loggers of
    others are left as they are. Safe to call again.
    """
    before = logging.getLogRecordFactory()
    if not isinstance(before, _EscapingFactory):
        logging.setLogRecordFactory(_EscapingFactory(before))


class _EscapingFactory:
    def __init__(self, factory: Factory) -> None:
        self._factory = factory

    def __call__(self, *args: object, **kwargs: object) -> logging.LogRecord:
        record = self._factory(*args, **kwargs)
        # structlog makes records without a name, to copy into.
        if (record.name or "").partition(".")[0] == _PACKAGE:
            # Arguments that do not fit are told by whoever writes the record, and stop nobody's work.
            with suppress(TypeError, ValueError, KeyError):
                record.msg, record.args = escaped(record.getMessage(), _LONGEST), ()
        return record
