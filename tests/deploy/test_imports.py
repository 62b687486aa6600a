"""What runs imports only what production installs.

A package that only the tests bring is there on every machine of a developer, and in no image.
"""

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightreel.places import PROJECT_ROOT

_FOLDERS = ("include", "dags", "plugins")
_DISTRIBUTIONS = importlib.metadata.packages_distributions()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


_INSTALLED = {
    _normal(name)
    for name in re.findall(r"^([\w.-]+)==", (PROJECT_ROOT / "requirements.txt").read_text(), re.MULTILINE)
}


def _is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _imported(node: ast.AST) -> Iterator[str]:
    """The packages at the top of what the code imports, within functions too."""
    if _is_for_types_only(node):
        return
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.partition(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from _imported(child)


def _not_in_production(code: str) -> set[str]:
    foreign = set(_imported(ast.parse(code))) - sys.stdlib_module_names - {"nightreel"}
    return {name for name in foreign if not _INSTALLED & set(map(_normal, _DISTRIBUTIONS.get(name, [])))}


def test_a_package_of_the_tests_is_known_as_one() -> None:
    assert _not_in_production("def later():\n    import pytest\nimport boto3, nightreel.text") == {"pytest"}
    assert _not_in_production("if TYPE_CHECKING:\n    from mypy_boto3_s3 import S3Client") == set()


@pytest.mark.parametrize("folder", _FOLDERS)
def test_nothing_that_runs_imports_what_only_the_tests_bring(folder: str) -> None:
    files = [path for path in (PROJECT_ROOT / folder).rglob("*.py") if "node_modules" not in path.parts]
    assert files
    wrong: dict[Path, set[str]] = {path: _not_in_production(path.read_text()) for path in files}
    assert {path: names for path, names in wrong.items() if names} == {}
