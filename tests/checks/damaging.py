"""Ways to damage the files of a release."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Damage:
    """A way to damage the files of a release, and the rules that must refuse it."""

    name: str
    apply: Callable[[Path], None]
    rules: tuple[str, ...]


def edited(name: str, pattern: str, replacement: str, count: int = 1) -> Callable[[Path], None]:
    """Replaces the first matches of a pattern in a text file; there must be one."""

    def apply(directory: Path) -> None:
        text = (directory / name).read_text("utf-8")
        changed, found = re.subn(pattern, replacement, text, count=count, flags=re.MULTILINE)
        assert found, f"{pattern} is not in {name}"
        (directory / name).write_text(changed, "utf-8")

    return apply


def removed(name: str) -> Callable[[Path], None]:
    return lambda directory: (directory / name).unlink()


def written(name: str, content: bytes) -> Callable[[Path], None]:
    def apply(directory: Path) -> None:
        (directory / name).write_bytes(content)

    return apply


def truncated(name: str, part: float) -> Callable[[Path], None]:
    def apply(directory: Path) -> None:
        data = (directory / name).read_bytes()
        (directory / name).write_bytes(data[: int(len(data) * part)])

    return apply


def copied_over(source: str, target: str) -> Callable[[Path], None]:
    def apply(directory: Path) -> None:
        (directory / target).write_bytes((directory / source).read_bytes())

    return apply


def swapped(one: str, other: str) -> Callable[[Path], None]:
    def apply(directory: Path) -> None:
        first, second = (directory / one).read_bytes(), (directory / other).read_bytes()
        (directory / one).write_bytes(second)
        (directory / other).write_bytes(first)

    return apply


def shifted(name: str, ticks: int) -> Callable[[Path], None]:
    """Adds to the decode time of every fragment of a segment."""

    def apply(directory: Path) -> None:
        data = bytearray((directory / name).read_bytes())
        for found in re.finditer(b"tfdt", bytes(data)):
            wide = data[found.end()] == 1
            start, size = found.end() + 4, 8 if wide else 4
            time = int.from_bytes(data[start : start + size], "big") + ticks
            data[start : start + size] = time.to_bytes(size, "big")
        (directory / name).write_bytes(data)

    return apply


def without_lines(name: str, pattern: str) -> Callable[[Path], None]:
    return edited(name, rf"^.*(?:{pattern}).*\n", "", count=0)
