"""Publishing that was stopped halfway and that nobody goes on with: viewers get what the catalog names."""

from collections.abc import Callable
from typing import Any

import pytest

from nightreel.errors import Transient
from nightreel.orchestration.conversion.cleanup import clean_up
from nightreel.orchestration.housekeeping import delete_superseded_releases
from nightreel.releases.withdrawal import withdraw
from nightreel.vocabulary.layout import release_prefix, title_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.staged import Made, Staged, stage, task_of
from tests.orchestration.test_publish import (
    Steps,
    Stopped,
    publish,
    release_in,
    require_playable,
    require_published_once,
)
from tests.orchestration.test_publish import steps as steps
from tests.orchestration.test_publish import title as title
from tests.orchestration.test_publish_late import PLACES, cut, published_by_another, stopped

HALFWAY = [("announce", "after"), ("master", "after"), ("mpd", "after")]
"""Before the first nothing was written; after the last it is done."""
End = Callable[[Installation, Staged], Any]


def cleaned_up(_: Installation, staged: Staged) -> None:
    with task_of(staged.run_id):
        clean_up(staged.ticket)


def vanished(installation: Installation, staged: Staged) -> None:
    """As a run that a person deletes: nobody cleans up, and housekeeping ends its claim."""
    installation.catalog.verdicts.expire(staged.claim.token)
    delete_superseded_releases()


ENDS = [pytest.param(cleaned_up, id="cleaned up"), pytest.param(vanished, id="vanished")]


def led_to(installation: Installation, title: Title) -> list[str | None]:
    return [release_in(installation, title, each) for each in (MASTER, MPD)]


def long_after(installation: Installation) -> None:
    """Any grace is over, and no request of then can succeed any more."""
    installation.query(
        "UPDATE nightreel.releases SET superseded_at = now() - interval '30 days'"
        " WHERE superseded_at IS NOT NULL"
    )
    delete_superseded_releases()


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("step", "when"), HALFWAY)
def test_when_its_run_is_over_viewers_get_the_release_that_the_catalog_names(
    installation: Installation, made: Made, title: Title, steps: Steps, step: str, when: str, end: End
) -> None:
    first = stage(installation, title, made)
    publish(first)
    row = installation.movie(title)
    second = stage(installation, title, made, force=True)
    steps.stop(step, when)
    with pytest.raises(Stopped):
        publish(second)
    end(installation, second)
    assert led_to(installation, title) == [first.claim.release] * 2
    assert installation.movie(title) == row
    assert installation.conversion(title)["release"] == first.claim.release
    require_playable(installation, title)

    long_after(installation)
    assert not installation.files(title, second.claim.release)
    assert led_to(installation, title) == [first.claim.release] * 2
    require_playable(installation, title)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("step", "when"), HALFWAY)
def test_of_a_first_publishing_nothing_stays_public(
    installation: Installation, made: Made, title: Title, steps: Steps, step: str, when: str, end: End
) -> None:
    staged = stage(installation, title, made)
    steps.stop(step, when)
    with pytest.raises(Stopped):
        publish(staged)
    end(installation, staged)
    delete_superseded_releases()
    assert led_to(installation, title) == [None, None]
    assert installation.files(title, staged.claim.release)
    long_after(installation)
    assert list(installation.bucket.list(title_prefix(title))) == []


def test_a_publishing_that_its_run_may_go_on_with_is_left_alone(
    installation: Installation, made: Made, title: Title, steps: Steps
) -> None:
    publish(stage(installation, title, made))
    second = stage(installation, title, made, force=True)
    steps.stop("mpd", "after")
    with pytest.raises(Stopped):
        publish(second)
    delete_superseded_releases()
    assert led_to(installation, title) == [second.claim.release] * 2
    publish(second)
    require_published_once(installation, second)


@pytest.mark.parametrize(("owner", "name", "when"), PLACES)
def test_who_wakes_after_viewers_were_led_back_is_put_right_again(
    installation: Installation, made: Made, title: Title, owner: Any, name: str, when: str
) -> None:
    """The manifest is again what it was when he read it, so the condition of his request holds."""
    first = stage(installation, title, made)
    publish(first)
    late = stage(installation, title, made, force=True)

    def meanwhile() -> None:
        cut(installation)
        cleaned_up(installation, late)

    with stopped(owner, name, when, meanwhile), pytest.raises(Transient):
        publish(late)
    require_playable(installation, title)
    delete_superseded_releases()
    assert led_to(installation, title) == [first.claim.release] * 2
    assert installation.conversion(title)["release"] == first.claim.release


@pytest.mark.parametrize(("owner", "name", "when"), PLACES)
def test_who_wakes_after_the_title_was_published_and_withdrawn_leads_nobody_to_what_is_gone(
    installation: Installation, made: Made, title: Title, owner: Any, name: str, when: str
) -> None:
    """The key is as empty as when he looked at it; only between question and request does it succeed."""
    late = stage(installation, title, made, force=True)

    def meanwhile() -> None:
        published_by_another(installation, title, made)
        withdraw(installation.catalog, installation.bucket, title)

    with stopped(owner, name, when, meanwhile), pytest.raises(Transient):
        publish(late)
    require_playable(installation, title)
    delete_superseded_releases()
    assert led_to(installation, title) == [None, None]
    long_after(installation)
    assert list(installation.bucket.list(title_prefix(title))) == []


def test_a_release_for_hls_alone_is_led_back_to_and_the_manifest_for_dash_goes_with_the_others_release(
    installation: Installation, made: Made, title: Title, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stage(installation, title, made)
    publish(first)
    installation.bucket.delete([release_prefix(title, first.claim.release) + MPD, title_prefix(title) + MPD])
    second = stage(installation, title, made, force=True)
    steps = Steps(monkeypatch, look=lambda: None)
    steps.stop("mpd", "after")
    with pytest.raises(Stopped):
        publish(second)
    cleaned_up(installation, second)
    assert led_to(installation, title) == [first.claim.release, second.claim.release]
    long_after(installation)
    assert led_to(installation, title) == [first.claim.release, None]
