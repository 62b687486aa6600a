"""The site that the browser visits: the player page and the players' scripts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.players.packages import install_players
from tests.players.server import serve

_PAGE = Path(__file__).with_name("page")


@contextmanager
def players_site() -> Iterator[str]:
    """Yields the address; installs the players first if they are not there."""
    with serve({"/page/": _PAGE, "/players/": install_players()}) as address:
        yield address
