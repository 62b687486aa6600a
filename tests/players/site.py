"""The site that the browser visits: the player page and the players' scripts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightreel.web.packages import install_packages
from tests.players.server import serve

_PAGE = Path(__file__).with_name("page")


@contextmanager
def players_site() -> Iterator[str]:
    """Yields the address; installs the players first if they are not there."""
    with serve({"/page/": _PAGE, "/players/": install_packages(Path(__file__).parent)}) as address:
        yield address
