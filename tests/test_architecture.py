"""ARCHITECTURE.md against the contract that holds the imports."""

import re
import tomllib

from nightreel.settings import PROJECT_ROOT

_PAGE = (PROJECT_ROOT / "ARCHITECTURE.md").read_text("utf-8")


def _layers() -> list[set[str]]:
    """From the top, as import-linter has them."""
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["type"] == "layers")
    return [{room.strip().removeprefix("nightreel.") for room in layer.split(":")} for layer in layers]


def _drawn() -> list[set[str]]:
    """From the top, as the picture has them; where a line goes on with a layer, that stands once."""
    picture = _PAGE.partition("flowchart TB\n")[2].partition("```")[0]
    drawn: list[set[str]] = []
    for layer in re.split(r"-->|\n", picture):
        rooms = set(re.findall(r"\w+", layer))
        if rooms and drawn[-1:] != [rooms]:
            drawn.append(rooms)
    return drawn


def test_the_picture_shows_the_rooms_in_the_order_that_their_imports_keep() -> None:
    assert _drawn() == _layers()


def test_every_room_has_its_line() -> None:
    package = PROJECT_ROOT / "include" / "nightreel"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    assert rooms | {"deployment"} == set(re.findall(r"^\| `(\w+)` \|", _PAGE, flags=re.M))
