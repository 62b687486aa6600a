"""The user's rows and their table, while titles are converted."""

import time
from contextlib import closing
from random import Random

import psycopg2

from tests.faults.scene import Scene, found_in_time, titles_in_work

_RENAME_SECONDS = 120.0
_LOCK = "LOCK TABLE movies IN ACCESS EXCLUSIVE MODE"


def delete(scene: Scene, random: Random) -> str | None:
    title = _in_work(scene, random)
    if title is None:
        return None
    scene.library.delete(title)
    return f"row {title} deleted"


def replace(scene: Scene, random: Random) -> str | None:
    title = _in_work(scene, random)
    seconds = scene.library.replace(title) if title is not None else None
    return None if seconds is None else f"the source of {title} replaced by a film of {seconds} s"


def lock_table(scene: Scene, random: Random) -> str | None:
    """As a migration or a backup of the user's does, or a transaction that somebody forgot."""
    if _in_work(scene, random) is None:
        return None
    seconds = random.uniform(5, 20)
    with closing(psycopg2.connect(scene.ground.addresses.catalog_dsn)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
        time.sleep(seconds)
        connection.rollback()
    return f"the table of movies locked for {seconds:.0f} s"


def alter_table(scene: Scene, random: Random) -> str | None:
    """A column that is written to has another name for a while."""
    if _in_work(scene, random) is None:
        return None
    seconds, column = random.uniform(3, 12), random.choice(("hls_url", "dash_url", "duration_seconds"))
    scene.ground.rows(f'ALTER TABLE movies RENAME COLUMN "{column}" TO "{column}_away"')
    try:
        time.sleep(seconds)
    finally:
        _rename_back(scene, column)
    return f"column {column} away for {seconds:.0f} s"


def _rename_back(scene: Scene, column: str) -> None:
    """Whatever else is broken: waits until it can be done."""

    def done() -> bool | None:
        try:
            scene.ground.rows(f'ALTER TABLE movies RENAME COLUMN "{column}_away" TO "{column}"')
        except psycopg2.Error:
            return None
        return True

    found_in_time(done, _RENAME_SECONDS, 1)


def _in_work(scene: Scene, random: Random) -> int | None:
    titles = titles_in_work(scene, random)
    return random.choice(titles) if titles else None
