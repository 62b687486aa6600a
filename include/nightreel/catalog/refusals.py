"""Explains why a user's table does not accept what is written into it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from nightreel.catalog.connection import NOT_AT_WORK, summary
from nightreel.errors import ConfigurationError


class RowRefused(ConfigurationError):
    """The user's table did not accept the row."""


@contextmanager
def refused(
    sentence: str,
    *,
    cure: str = "",
    error: type[ConfigurationError] = ConfigurationError,
    but: tuple[type[psycopg2.Error], ...] = (),
) -> Iterator[None]:
    """Turns the table's errors within the block into this sentence, with the database's own words.

    A database that does not work has refused nothing. Errors in `but` do not come from the table either,
    and are passed on.
    """
    try:
        yield
    except (*NOT_AT_WORK, *but):
        raise
    except psycopg2.Error as answer:
        raise error(f"{sentence}: {summary(answer)}{f'; {cure}' if cure else ''}") from answer
