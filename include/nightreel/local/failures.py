"""What can go wrong with the embedded stack itself."""

from pathlib import Path

from nightreel.errors import Permanent

_TAIL_BYTES = 4096
_TAIL_LINES = 15


class StackFailed(Permanent):
    """A part of the embedded stack did not start; the message names it and where to look."""


def with_log(sentence: str, log: Path) -> str:
    """The sentence, the log's path and its last lines."""
    if not log.exists():
        return sentence
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = stream.read().decode(errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join([f"{sentence} (log: {log})", *(f"  {line}" for line in lines)])
