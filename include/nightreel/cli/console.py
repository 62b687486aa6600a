"""Where the commands write."""

from rich.console import Console

_WIDE = 1000


def console() -> Console:
    """Standard output. What is not a terminal has no width, and URLs must not be broken for it."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=_WIDE)
