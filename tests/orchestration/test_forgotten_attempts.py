"""A run that is cleared when the catalog has forgotten what became of its attempt."""

import pytest

from nightreel.errors import ClaimLost
from nightreel.orchestration.conversion.cleanup import clean_up
from nightreel.orchestration.conversion.publish import publish_title
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.vocabulary.layout import release_prefix, track_prefix
from nightreel.vocabulary.release import MASTER, segment_name
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id
from tests.orchestration.installation import Installation
from tests.orchestration.staged import task_of

TICKET = Ticket(
    content_type="movie",
    content_id="3301",
    token="5f1c2d3e-0000-4000-8000-000000000000",
    release="20250101T010000-0a1b2c3d",
    claimed_at=0.0,
)


@pytest.fixture
def files(installation: Installation) -> list[str]:
    """The keys of the release, which for all that is known may be what viewers play."""
    installation.add_movie(3301, "sources/3301.mp4")
    title, release = Title("movie", "3301"), TICKET.release
    keys = [
        release_prefix(title, release) + MASTER,
        track_prefix(title, track_id("360p", release)) + segment_name("360p", 0),
    ]
    for key in keys:
        installation.bucket.put_bytes(key, b"film", "video/mp4", "no-store")
    (installation.work_area / f"movie.3301.{TICKET.release}").mkdir(parents=True)
    return keys


def test_its_cleanup_empties_the_work_area_and_deletes_nothing_of_the_bucket(
    installation: Installation, files: list[str]
) -> None:
    with task_of("manual__3301"):
        clean_up(TICKET.model_dump(mode="json"))
    assert all(installation.bucket.head(key) for key in files)
    assert list(installation.work_area.glob("movie.3301.*")) == []


def test_its_publishing_ends_since_the_claim_is_gone(installation: Installation) -> None:
    installation.add_movie(3302, "sources/3302.mp4")
    ticket = TICKET.model_copy(update={"content_id": "3302"})
    with task_of("manual__3301"), pytest.raises(ClaimLost):
        publish_title(ticket.model_dump(mode="json"))
