"""The same film under a new signature is no new source; another film is one."""

from collections.abc import Callable

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, Database, publish

Claimed = Callable[[Title], Claim]

AWS = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F{day}%2Fauto&X-Amz-Date={day}T0&X-Amz-Expires=9"

SIGNED = [
    f"https://a.example/7.mp4?{AWS}&X-Amz-SignedHeaders=host&X-Amz-Signature={{day}}aa",
    "https://a.example/7.mp4?versionId=3&X-Amz-Signature={day}&x-id=GetObject",
    "https://a.example/7.mp4?AWSAccessKeyId=k&Signature={day}%3D&Expires={day}",
    "https://a.example/7.mp4?Expires={day}&Signature={day}~&Key-Pair-Id=K{day}",
    "https://a.example/7.mp4?X-Goog-Signature={day}&X-Goog-Date={day}",
    "https://a.example/7.mp4?sv=2025&st={day}&se={day}&sr=b&sp=r&sig={day}%2B",
    "https://a.example/7.mp4?v=2&token={day}&expires={day}#t=1",
    "HTTPS://a.example/7.mp4?hdnts=exp={day}~hmac=aa",
]


def set_url(database: Database, url: str | None) -> None:
    # The demo's table keeps a version of its own, which tells of every change.
    database.query("ALTER TABLE movies DISABLE TRIGGER USER")
    database.query("UPDATE movies SET video_url = %s", url)


@pytest.fixture
def scanned(catalog: Catalog) -> Callable[[], list[str]]:
    return lambda: [str(row.title) for row in catalog.backlog.unconverted(10)]


@pytest.mark.parametrize("url", SIGNED)
def test_a_source_that_is_signed_anew_is_not_converted_again(
    catalog: Catalog, database: Database, claimed: Claimed, scanned: Callable[[], list[str]], url: str
) -> None:
    title = database.add_movie(1, url.format(day="20260101"))
    publish(catalog, claimed(title))
    set_url(database, url.format(day="20260102"))
    assert scanned() == []
    assert not isinstance(catalog.claims.one(title, "by hand", LEASE), Claim)
    set_url(database, url.format(day="20260102").partition("?")[0].replace("7.mp4", "8.mp4"))
    assert scanned() == ["movie 1"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://a.example/7.mp4?v=1&sig=a", "https://a.example/7.mp4?v=2&sig=b"),
        ("https://a.example/7.mp4?id=1&token=a", "https://a.example/7.mp4?id=2&token=b"),
        ("https://a.example/7.mp4?sr=1", "https://a.example/7.mp4?sr=2"),
        ("https://a.example/7.mp4?sig=a", "https://a.example/8.mp4?sig=a"),
        ("https://a.example/7.mp4?sig=a", "https://b.example/7.mp4?sig=a"),
        ("https://a.example/7.mp4?versionId=1", "https://a.example/7.mp4?versionId=2"),
        ("films/7.mp4?sig=a", "films/7.mp4?sig=b"),
        ("s3://media/7.mp4?sig=a", "s3://media/7.mp4?sig=b"),
        ("https://a.example/7.mp4", "films/7.mp4"),
    ],
)
def test_a_source_of_another_address_is_converted_again(
    catalog: Catalog,
    database: Database,
    claimed: Claimed,
    scanned: Callable[[], list[str]],
    before: str,
    after: str,
) -> None:
    publish(catalog, claimed(database.add_movie(1, before)))
    set_url(database, after)
    assert scanned() == ["movie 1"]


def test_a_title_whose_link_was_refused_is_tried_again_with_a_new_one(
    catalog: Catalog, database: Database, claimed: Claimed, scanned: Callable[[], list[str]]
) -> None:
    claim = claimed(database.add_movie(1, "https://a.example/7.mp4?sig=a&se=1"))
    catalog.verdicts.quarantine(claim, "source_link_expired", "the link has expired")
    assert scanned() == []
    set_url(database, "https://a.example/7.mp4?sig=b&se=2")
    assert scanned() == ["movie 1"]


def test_a_title_that_fails_each_night_is_given_up_though_its_link_is_new_each_night(
    catalog: Catalog, database: Database, scanned: Callable[[], list[str]]
) -> None:
    title = database.add_movie(1, "https://a.example/7.mp4?sig=0")
    for night in range(10):
        set_url(database, f"https://a.example/7.mp4?sig={night}")
        if not scanned():
            break
        (claim,) = catalog.claims.of_night([title], f"night {night}", LEASE)
        catalog.verdicts.fail(claim, "encoder_failed", "FFmpeg ended")
    assert scanned() == []


def test_a_title_whose_url_was_taken_away_and_is_given_again_stays_published(
    catalog: Catalog, database: Database, claimed: Claimed, scanned: Callable[[], list[str]]
) -> None:
    publish(catalog, claimed(database.add_movie(1, "https://a.example/7.mp4?sig=a")))
    set_url(database, None)
    assert scanned() == []
    set_url(database, "https://a.example/7.mp4?sig=b")
    assert scanned() == []
