"""Validation reports (Data Docs): a folder per release, of some megabytes each."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nightreel.catalog import Catalog
from nightreel.errors import ConfigurationError
from nightreel.housekeeping.releases import TitleRelease
from nightreel.one_by_one import try_each
from nightreel.vocabulary.release import released_at, valid_release_id
from nightreel.vocabulary.title import Title


def delete_old_reports(catalog: Catalog, reports: Path, age: timedelta) -> list[TitleRelease]:
    """Deletes the reports of releases that are gone, refused or not, and older than `age`.

    Anything that is not a report, or that a link leads to, stays. Raises NotAllDone after all were tried.
    """
    limit = datetime.now(UTC) - age
    old = [each for each in _reports(reports) if (made := released_at(each.release)) and made <= limit]
    used = catalog.releases.used([(each.title, each.release) for each in old])
    deleted: list[TitleRelease] = []

    def delete(each: TitleRelease) -> None:
        folder = reports / each.title.content_type / each.title.content_id
        shutil.rmtree(folder / each.release)
        deleted.append(each)
        # The parents go with their last report; another may be written there at this moment.
        with contextlib.suppress(OSError):
            folder.rmdir()
            folder.parent.rmdir()

    try_each((each for each in old if (each.title, each.release) not in used), delete)
    return deleted


def _reports(reports: Path) -> Iterator[TitleRelease]:
    for content_type in _folders(reports):
        for content_id in _folders(reports / content_type):
            try:
                title = Title(content_type, content_id)
            except ConfigurationError:
                continue
            for release in _folders(reports / content_type / content_id):
                if valid_release_id(release):
                    yield TitleRelease(title, release)


def _folders(parent: Path) -> list[str]:
    try:
        with os.scandir(parent) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []
