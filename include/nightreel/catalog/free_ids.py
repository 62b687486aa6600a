"""Ids for new titles, like those that a table has."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from nightreel.errors import ConfigurationError


def consecutive_ids(first: str, count: int) -> list[str]:
    """`first` and the numbers after it. Raises ConfigurationError when `first` cannot be counted on."""
    if count == 1:
        return [first]
    if not first.isdecimal():
        raise ConfigurationError(
            f"--id {first} is no number to count on from for {count} files: add them one by one"
        )
    return [str(int(first) + offset) for offset in range(count)]


def free_ids(taken: Iterable[str], count: int) -> list[str]:
    """Ids like those taken: the next numbers, or new UUIDs.

    Raises ConfigurationError when those taken are neither.
    """
    used = set(taken)
    if all(each.isdecimal() for each in used):
        return consecutive_ids(str(max(map(int, used), default=0) + 1), count)
    if all(_is_uuid(each) for each in used):
        return [str(uuid4()) for _ in range(count)]
    raise ConfigurationError(
        "the ids of this table are neither numbers nor UUIDs, so none can be made up: "
        "choose one (--id, content_id)"
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
