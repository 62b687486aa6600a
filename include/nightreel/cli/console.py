"""Where the commands write."""

from rich.console import Console

_WIDE = 1000


def console() -> Console:
    """Standard output. If it is not a terminal it has no width, so that URLs are not broken."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=_WIDE)
