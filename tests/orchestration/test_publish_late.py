"""Processes that were stopped while they published, and wake when others have gone on.

The lock on the title is gone with the connection that held it, and nobody tells them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from nightreel.catalog.row_lock import RowLock
from nightreel.errors import CatalogUnavailable, ClaimLost, Transient
from nightreel.orchestration.conversion.cleanup import clean_up
from nightreel.orchestration.housekeeping import delete_superseded_releases
from nightreel.releases import publish as manifests
from nightreel.releases.withdrawal import withdraw
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.staged import Made, Staged, stage, task_of
from tests.orchestration.test_publish import (
    STOPS,
    Steps,
    publish,
    release_in,
    require_playable,
    require_published_once,
)
from tests.orchestration.test_publish import title as title

Meanwhile = Callable[[], Any]


def cut(installation: Installation) -> None:
    """As when PostgreSQL is started anew: whoever has a transaction has lost it."""
    installation.query(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'nightreel'"
    )


@contextmanager
def stopped(owner: Any, name: str, when: str, meanwhile: Meanwhile) -> Iterator[None]:
    """The first process that comes to this function sleeps before or after it, for as long as that takes."""
    original, slept = getattr(owner, name), []

    def sleepy(*arguments: Any) -> Any:
        first = not slept
        slept.append(name)
        if first and when == "before":
            meanwhile()
        done = original(*arguments)
        if first and when == "after":
            meanwhile()
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, sleepy)
        yield
    assert slept, f"{name} was not reached"


# Where it sleeps. After the question, all that is left is the request itself.
PLACES = [
    pytest.param(manifests, "publish_master", "before", id="before the playlist"),
    pytest.param(manifests, "publish_mpd", "before", id="between the manifests"),
    pytest.param(RowLock, "require", "after", id="between the question and the request"),
]


def published_by_another(installation: Installation, title: Title, made: Made) -> Staged:
    """A newer run, from its claim to its end."""
    cut(installation)
    installation.age_leases()
    newer = stage(installation, title, made, force=True, run_id="newer")
    publish(newer)
    return newer


@pytest.mark.parametrize("earlier", [False, True], ids=["first release", "later release"])
@pytest.mark.parametrize(("owner", "name", "when"), PLACES)
def test_who_wakes_after_a_newer_run_has_published_changes_nothing(
    installation: Installation, made: Made, title: Title, owner: Any, name: str, when: str, earlier: bool
) -> None:
    if earlier:
        publish(stage(installation, title, made))
    late = stage(installation, title, made, force=True)
    newer: list[Staged] = []

    def meanwhile() -> None:
        newer.append(published_by_another(installation, title, made))

    with stopped(owner, name, when, meanwhile), pytest.raises(Transient):
        publish(late)
    require_published_once(installation, newer[0])
    require_playable(installation, title)
    with pytest.raises(ClaimLost):
        publish(late)
    with task_of(late.run_id):
        clean_up(late.ticket)
    require_published_once(installation, newer[0])
    require_playable(installation, title)


@pytest.mark.parametrize(("owner", "name", "when"), PLACES)
def test_who_wakes_after_its_run_was_cleaned_up_leads_nobody_to_what_is_gone(
    installation: Installation, made: Made, title: Title, owner: Any, name: str, when: str
) -> None:
    late = stage(installation, title, made)

    def meanwhile() -> None:
        cut(installation)
        with task_of(late.run_id):
            clean_up(late.ticket)
        delete_superseded_releases()

    with stopped(owner, name, when, meanwhile), pytest.raises(Transient):
        publish(late)
    require_playable(installation, title)
    assert installation.movie(title)["hls_url"] is None

    # Half an hour later nothing of it can be under way; then what no row knows of goes.
    installation.query("UPDATE nightreel.releases SET superseded_at = now() WHERE published_at IS NULL")
    delete_superseded_releases()
    assert [item.key for item in installation.bucket.list(title_prefix(title))] == []


@pytest.mark.parametrize(("owner", "name", "when"), PLACES[:2])
def test_who_wakes_after_the_title_was_published_and_withdrawn_puts_nothing_back(
    installation: Installation, made: Made, title: Title, owner: Any, name: str, when: str
) -> None:
    """The key is as empty as when it was looked at first: here the question alone decides."""
    late = stage(installation, title, made, force=True)

    def meanwhile() -> None:
        published_by_another(installation, title, made)
        withdraw(installation.catalog, installation.bucket, title)

    with stopped(owner, name, when, meanwhile), pytest.raises(CatalogUnavailable):
        publish(late)
    assert [release_in(installation, title, each) for each in (MASTER, MPD)] == [None, None]


def test_a_withdrawal_that_wakes_after_the_title_was_published_again_deletes_nothing(
    installation: Installation, made: Made, title: Title
) -> None:
    publish(stage(installation, title, made))
    newer: list[Staged] = []

    def meanwhile() -> None:
        newer.append(published_by_another(installation, title, made))

    with stopped(RowLock, "require", "after", meanwhile), pytest.raises(Transient):
        withdraw(installation.catalog, installation.bucket, title)
    require_published_once(installation, newer[0])
    require_playable(installation, title)


@pytest.mark.parametrize("earlier", [False, True], ids=["first release", "later release"])
@pytest.mark.parametrize(("step", "when"), STOPS)
def test_a_connection_that_is_cut_at_any_step_leaves_what_plays_and_the_next_try_publishes(
    installation: Installation,
    made: Made,
    title: Title,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    when: str,
    earlier: bool,
) -> None:
    if earlier:
        publish(stage(installation, title, made))
    steps = Steps(monkeypatch, lambda: require_playable(installation, title))
    steps.act(step, when, lambda: cut(installation))
    staged = stage(installation, title, made, force=True)
    # Where nothing was under way on the connection, the try goes on.
    with suppress(CatalogUnavailable):
        publish(staged)
    require_playable(installation, title)
    publish(staged)
    require_published_once(installation, staged)


def test_a_table_that_refuses_its_row_leaves_nothing_public(
    installation: Installation, made: Made, title: Title
) -> None:
    refusals = {
        "at once": "CREATE TRIGGER refuse BEFORE UPDATE ON movies FOR EACH ROW"
        " EXECUTE FUNCTION refuse_the_row()",
        "at the commit": "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON movies"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_the_row()",
    }
    installation.query(
        "CREATE OR REPLACE FUNCTION refuse_the_row() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'not in this table'; END $$"
    )
    staged = stage(installation, title, made)
    for moment, trigger in refusals.items():
        installation.query(trigger)
        try:
            with pytest.raises(Exception, match=r"table movies refused the update .*not in this table"):
                publish(staged)
        finally:
            installation.query("DROP TRIGGER refuse ON movies")
        assert [release_in(installation, title, each) for each in (MASTER, MPD)] == [None, None], moment
    publish(staged)
    require_published_once(installation, staged)
