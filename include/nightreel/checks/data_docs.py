"""The report of a judgement: Great Expectations' pages, with all measured values escaped."""

import json
import shutil
from html import escape
from pathlib import Path
from typing import Any

_STORED = Path("uncommitted") / "validations"
_SITE = Path("uncommitted") / "data_docs" / "local_site"
_FOUND = ("result", "exception_info")
"""What an expectation found, within its stored result."""


def write_site(context: Any, directory: Path) -> None:
    """Builds the pages of everything judged in a file-based context, replacing earlier pages.

    Great Expectations puts the values that it found into its pages as they are: markup in the
    name of a track would be markup there. So they are escaped where it keeps them until then.
    """
    root = Path(context.root_directory)
    for stored in (root / _STORED).rglob("*.json"):
        judged = json.loads(stored.read_text())
        for item in judged["results"]:
            item |= {part: _escaped(item[part]) for part in _FOUND if part in item}
        stored.write_text(json.dumps(judged))
    context.build_data_docs()
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(root / _SITE, directory)


def _escaped(found: Any) -> Any:
    match found:
        case str():
            return escape(found, quote=False)
        case list():
            return [_escaped(each) for each in found]
        case dict():
            return {key: _escaped(value) for key, value in found.items()}
        case _:
            return found
