"""FFmpeg's filters as data, used in graphs of ffmpeg-python and on command lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Filter:
    """One filter with its options, by their names."""

    name: str
    options: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, name: str, **options: object) -> Self:
        """One of FFmpeg's filters by its name, with its options as FFmpeg names them."""
        return cls(name, tuple((option, str(value)) for option, value in options.items()))

    def __str__(self) -> str:
        # Quoted, so that an expression may contain commas.
        return f"{self.name}=" + ":".join(f"{option}='{value}'" for option, value in self.options)


def applied(picture: Any, filters: Iterable[Filter]) -> Any:
    """A stream of ffmpeg-python behind these filters."""
    for each in filters:
        picture = picture.filter(each.name, **dict(each.options))
    return picture


def as_text(filters: Iterable[Filter]) -> str:
    """The value of `-vf`."""
    return ",".join(map(str, filters))
