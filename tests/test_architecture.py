"""ARCHITECTURE.md against the contract that holds the imports."""

import ast
import re
import tomllib
from pathlib import Path

from nightreel.places import PROJECT_ROOT

_PACKAGE = PROJECT_ROOT / "include" / "nightreel"
_PAGE = (PROJECT_ROOT / "ARCHITECTURE.md").read_text("utf-8")


def _layers() -> list[set[str]]:
    """From the top, as import-linter has them."""
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["name"] == "Imports point one way")
    return [{package.strip().removeprefix("nightreel.") for package in layer.split(":")} for layer in layers]


def _drawn() -> list[set[str]]:
    """From the top, as the picture has them; where a line goes on with a layer, that stands once."""
    picture = _PAGE.partition("flowchart TB\n")[2].partition("```")[0]
    drawn: list[set[str]] = []
    for layer in re.split(r"-->|\n", picture):
        packages = set(re.findall(r"\w+", layer))
        if packages and drawn[-1:] != [packages]:
            drawn.append(packages)
    return drawn


def test_the_picture_shows_the_packages_in_the_order_that_their_imports_keep() -> None:
    assert _drawn() == _layers()


def test_every_package_has_its_line() -> None:
    packages = {path.parent.name for path in _PACKAGE.glob("*/__init__.py")}
    assert packages | {"deployment"} == set(re.findall(r"^\| `(\w+)` \|", _PAGE, flags=re.M))


_EDGES = ("cli/", "local/", "orchestration/", "web/standalone.py", "media/programs/bounds.py", "settings.py")


def _reads_settings(path: Path) -> bool:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return any(isinstance(name, ast.Name) and name.id in ("settings", "load_settings") for name in calls)


def test_settings_are_read_at_the_edges_and_passed_on() -> None:
    modules = (path for path in _PACKAGE.rglob("*.py") if "node_modules" not in path.parts)
    read_in = {path.relative_to(_PACKAGE).as_posix() for path in modules if _reads_settings(path)}
    assert {path for path in read_in if not path.startswith(_EDGES)} == set()
