"""Publishing, stopped between any two of its steps and run again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest

from nightreel.catalog.publish import Publication, Publications
from nightreel.orchestration.conversion.cleanup import clean_up
from nightreel.orchestration.conversion.publish import publish_title
from nightreel.releases import publish as manifests
from nightreel.releases import read_back
from nightreel.releases.manifests import release_of_master, release_of_mpd
from nightreel.settings import settings
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.staged import Made, Staged, stage, task_of

STEPS = ("announce", "complete", "master", "mpd", "commit")
# After one step is before the next.
STOPS = [("announce", "before"), *((step, "after") for step in STEPS)]
NUMBERS = count(10_000)
"""Other modules give titles of the same installation small numbers."""


class Stopped(BaseException):
    """The process ended here: nothing that handles errors gets to see it."""


class Steps:
    """Publishing's steps, each of which can be made the last one, and is looked at before and after."""

    def __init__(self, patch: pytest.MonkeyPatch, look: Callable[[], None]) -> None:
        self._look = look
        self._at: tuple[str, str] | None = None
        self._act: Callable[[], None] = lambda: None
        self.taken: list[str] = []
        self._wrap(patch, manifests, "publish_master", "master")
        self._wrap(patch, manifests, "publish_mpd", "mpd")
        self._wrap(patch, Publication, "complete", "complete")
        holding = Publications.holding

        @contextmanager
        def watched(*arguments: Any) -> Iterator[Publication]:
            # Entering announces the release, leaving commits.
            context = holding(*arguments)
            publication = self._step("announce", context.__enter__)
            try:
                yield publication
                self._reach("commit", "before")
            except BaseException as error:
                context.__exit__(type(error), error, error.__traceback__)
                raise
            context.__exit__(None, None, None)
            self._reach("commit", "after")

        patch.setattr(Publications, "holding", watched)

    def stop(self, step: str, when: str) -> None:
        def end() -> None:
            raise Stopped(f"{when} {step}")

        self.act(step, when, end)

    def act(self, step: str, when: str, act: Callable[[], None]) -> None:
        """Does this once, when the step is reached."""
        self._at, self._act = (step, when), act

    def _wrap(self, patch: pytest.MonkeyPatch, owner: Any, name: str, step: str) -> None:
        original = getattr(owner, name)
        patch.setattr(owner, name, lambda *arguments: self._step(step, lambda: original(*arguments)))

    def _step(self, step: str, act: Callable[[], Any]) -> Any:
        self._reach(step, "before")
        done = act()
        self._reach(step, "after")
        return done

    def _reach(self, step: str, when: str) -> None:
        if (step, when) in STOPS:
            self._look()
        if when == "after":
            self.taken.append(step)
        if self._at == (step, when):
            self._at = None
            self._act()


def release_in(installation: Installation, title: Title, name: str) -> str | None:
    """The release that a stable manifest points to."""
    content = installation.bucket.get_bytes(title_prefix(title) + name)
    if content is None:
        return None
    return (release_of_master if name == MASTER else release_of_mpd)(content.decode())


def require_playable(installation: Installation, title: Title) -> None:
    """What is public plays: each manifest's release is whole, and the row names only what is there."""
    for name in (MASTER, MPD):
        if (release := release_in(installation, title, name)) is not None:
            files = installation.files(title, release)
            for file in installation.manifest(title, release).files:
                assert files[file.name] == file.size
    row = installation.movie(title)
    for url in filter(None, (row["hls_url"], row["dash_url"], row["thumbnail_url"])):
        key = urlsplit(url).path.removeprefix(urlsplit(installation.bucket.public_url).path).lstrip("/")
        assert installation.bucket.head(key) is not None, url


@pytest.fixture
def title(installation: Installation) -> Title:
    number = next(NUMBERS)
    return installation.add_movie(number, f"sources/{number}.mp4")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, installation: Installation, title: Title) -> Steps:
    return Steps(monkeypatch, lambda: require_playable(installation, title))


def publish(staged: Staged) -> dict[str, str]:
    with task_of(staged.run_id):
        return publish_title(staged.ticket)


def require_published_once(installation: Installation, staged: Staged) -> None:
    title, release = staged.title, staged.claim.release
    assert release_in(installation, title, MASTER) == release
    assert release_in(installation, title, MPD) == release
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["release"]) == ("published", release)
    rows = installation.query(
        "SELECT release FROM nightreel.releases WHERE content_id = %s AND superseded_at IS NULL"
        " AND published_at IS NOT NULL",
        title.content_id,
    )
    assert rows == [{"release": release}]
    attempts = installation.query(
        "SELECT count(*) FROM nightreel.attempts WHERE content_id = %s AND release = %s"
        " AND outcome = 'published'",
        title.content_id,
        release,
    )
    assert attempts == [{"count": 1}]


def test_the_steps_are_taken_in_the_order_in_which_nothing_breaks(
    installation: Installation, made: Made, title: Title, steps: Steps
) -> None:
    staged = stage(installation, title, made)
    publish(staged)
    assert tuple(steps.taken) == STEPS
    require_published_once(installation, staged)


@pytest.mark.parametrize(("step", "when"), STOPS)
def test_a_first_publishing_may_stop_anywhere_and_be_run_again(
    installation: Installation,
    made: Made,
    title: Title,
    steps: Steps,
    step: str,
    when: str,
) -> None:
    staged = stage(installation, title, made)
    steps.stop(step, when)
    with pytest.raises(Stopped):
        publish(staged)
    if (step, when) != ("commit", "after"):
        # The row is the last thing that changes.
        assert installation.movie(title)["hls_url"] is None
    urls = publish(staged)
    require_playable(installation, title)
    require_published_once(installation, staged)
    row = installation.movie(title)
    assert urls == {"hls_url": row["hls_url"], "dash_url": row["dash_url"]}


@pytest.mark.parametrize(("step", "when"), STOPS)
def test_a_title_that_plays_goes_on_playing_wherever_its_next_publishing_stops(
    installation: Installation,
    made: Made,
    title: Title,
    steps: Steps,
    step: str,
    when: str,
) -> None:
    first = stage(installation, title, made)
    publish(first)
    row = installation.movie(title)
    second = stage(installation, title, made, force=True)
    steps.stop(step, when)
    with pytest.raises(Stopped):
        publish(second)
    require_playable(installation, title)
    assert release_in(installation, title, MASTER) in (first.claim.release, second.claim.release)
    assert installation.movie(title)["hls_url"] == row["hls_url"]
    publish(second)
    require_published_once(installation, second)
    assert installation.files(title, first.claim.release)


@pytest.mark.parametrize(("step", "when"), STOPS)
def test_a_run_that_ends_after_a_stop_anywhere_leaves_what_plays_and_an_empty_work_area(
    installation: Installation,
    made: Made,
    title: Title,
    steps: Steps,
    step: str,
    when: str,
) -> None:
    staged = stage(installation, title, made)
    steps.stop(step, when)
    with pytest.raises(Stopped):
        publish(staged)
    with task_of(staged.run_id):
        clean_up(staged.ticket)
    require_playable(installation, title)
    # Once publishing has begun, a process that wakes late may still point a manifest to the release.
    assert bool(installation.files(title, staged.claim.release)) is ((step, when) != ("announce", "before"))
    assert list(installation.work_area.glob(f"movie.{title.content_id}.*")) == []
    conversion = installation.conversion(title)
    assert conversion["state"] == ("published" if (step, when) == ("commit", "after") else "failed")
    assert conversion["claim_token"] is None


def test_publishing_again_what_is_published_changes_nothing(
    installation: Installation, made: Made, title: Title, steps: Steps
) -> None:
    staged = stage(installation, title, made)
    publish(staged)
    before = installation.conversion(title)
    publish(staged)
    assert tuple(steps.taken) == STEPS
    assert installation.conversion(title) == before


def test_what_viewers_do_not_get_is_a_warning_of_a_title_that_is_published(
    installation: Installation, made: Made, title: Title, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_back, "STALE_SECONDS", 0.0)
    staged = stage(installation, title, made)
    manifest = installation.manifest(title, staged.claim.release)
    files = {manifest.key_of(file.name): file for file in manifest.files}
    key, segment = next(iter(read_back.last_segments(files).items()))
    installation.bucket.delete([key])
    publish(staged)
    require_published_once(installation, staged)
    (warning,) = [each for each in installation.conversion(title)["warnings"] if "HTTP 404" in each]
    assert segment.name in warning


@pytest.mark.parametrize(
    ("address", "warned"), [("http://nowhere.invalid/media", True), ("http://127.0.0.1:9/media", False)]
)
def test_a_public_address_that_does_not_answer_is_no_failure(
    installation: Installation,
    made: Made,
    title: Title,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    warned: bool,
) -> None:
    staged = stage(installation, title, made)
    monkeypatch.setattr(read_back, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setenv("R2_PUBLIC_URL", address)
    settings.cache_clear()
    try:
        publish(staged)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    require_published_once(installation, staged)
    warnings = installation.conversion(title)["warnings"]
    assert any("could not be read back" in each for each in warnings) is warned
