"""hls.js, dash.js and shaka-player play what Nightreel publishes, every frame at its time."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import floor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE
from nightreel.vocabulary.release import MASTER, MPD, content_type_of, init_name, segment_name
from tests.players.driver import SHOWN_SECONDS, Player, PlayReport, open_player, play
from tests.players.library import LANDSCAPE, SOURCES, PublishedTitle
from tests.players.server import serve

pytestmark = pytest.mark.browser

STREAMS: tuple[tuple[Player, str], ...] = (
    ("hls.js", MASTER),
    ("dash.js", MPD),
    ("shaka", MPD),
    ("shaka", MASTER),
)
STREAM_NAMES = ("hls.js", "dash.js", "shaka-dash", "shaka-hls")

AUDIO_FRAME_SECONDS = AAC_FRAME_SAMPLES / AUDIO_SAMPLE_RATE
ROUNDING_SECONDS = 0.001


@dataclass(frozen=True)
class Played:
    plan: Plan
    report: PlayReport


@pytest.fixture(
    scope="module",
    params=product(SOURCES, STREAMS),
    ids=[f"{source.name}-{stream}" for source, stream in product(SOURCES, STREAM_NAMES)],
)
def played(
    request: pytest.FixtureRequest,
    browser: Browser,
    players_site: str,
    titles: dict[str, PublishedTitle],
    public_url: str,
) -> Played:
    """Each title in each player, played once for all the tests."""
    source, (player, manifest) = request.param
    title = titles[source.name]
    with browser.new_page() as page:
        report = play(page, player, public_url + title.path_of(manifest), site=players_site)
    return Played(title.plan, report)


def test_no_error_is_seen(played: Played) -> None:
    assert played.report.errors == ()


def test_every_variant_of_the_plan_is_reached(played: Played) -> None:
    planned = [(rendition.width, rendition.height) for rendition in played.plan.video]
    assert [variant.size for variant in played.report.variants_listed] == planned
    assert [shown.size for shown in played.report.variants_reached] == planned


def test_time_advances_in_every_variant(played: Played) -> None:
    wanted = min(SHOWN_SECONDS, played.plan.duration / 2)
    assert [s for s in played.report.variants_reached if s.advanced_seconds < wanted - ROUNDING_SECONDS] == []
    assert played.report.variants_reached


def test_the_first_frame_is_shown_at_the_start(played: Played) -> None:
    assert played.report.first_frame == pytest.approx(0, abs=ROUNDING_SECONDS)


def test_the_duration_is_that_of_the_plan(played: Played) -> None:
    # The last frame of sound may pass the end of the picture.
    assert played.report.duration == pytest.approx(played.plan.duration, abs=AUDIO_FRAME_SECONDS)


def test_the_picture_fills_the_whole_title_without_a_gap(played: Played) -> None:
    ((start, end),) = ranges(played.report, "video")
    assert start == pytest.approx(0, abs=ROUNDING_SECONDS)
    assert end == pytest.approx(played.plan.duration, abs=ROUNDING_SECONDS)


def test_the_sound_starts_and_ends_with_the_picture(played: Played) -> None:
    if not played.plan.audio:
        assert [buffer.kind for buffer in played.report.buffers] == ["video"]
        return
    ((start, end),) = ranges(played.report, "audio")
    assert start == pytest.approx(0, abs=ROUNDING_SECONDS)
    assert end == pytest.approx(played.plan.duration, abs=AUDIO_FRAME_SECONDS)


def test_sound_is_heard_where_the_source_has_it(played: Played) -> None:
    assert played.report.audio_present == bool(played.plan.audio)


def test_it_plays_to_its_end(played: Played) -> None:
    assert played.report.ended_at == pytest.approx(played.plan.duration, abs=AUDIO_FRAME_SECONDS)


@pytest.mark.parametrize(("player", "manifest"), STREAMS, ids=STREAM_NAMES)
def test_a_seek_into_a_segment_not_loaded_yet_shows_the_frame_of_that_time(
    player: Player,
    manifest: str,
    page: Page,
    players_site: str,
    titles: dict[str, PublishedTitle],
    public_url: str,
) -> None:
    title = titles[LANDSCAPE.name]
    rate = title.plan.frame_rate
    middle = title.plan.segment_duration * 1.5
    playback = open_player(page, player, site=players_site)
    playback.load(public_url + title.path_of(manifest), buffer_seconds=2)
    assert not playback.is_buffered(middle)
    assert playback.seek(middle) == pytest.approx(float(floor(middle * rate) / rate), abs=ROUNDING_SECONDS)
    assert playback.facts()["errors"] == []


@pytest.fixture
def damaged(titles: dict[str, PublishedTitle], tmp_path: Path) -> PublishedTitle:
    """A copy of a title that a test may damage."""
    title = titles[LANDSCAPE.name]
    shutil.copytree(title.bucket, tmp_path / "bucket")
    return replace(title, bucket=tmp_path / "bucket")


@pytest.fixture
def damaged_url(damaged: PublishedTitle) -> Iterator[str]:
    with serve({"/": damaged.bucket}, content_type_of) as address:
        yield address


@pytest.mark.parametrize(("player", "manifest"), STREAMS, ids=STREAM_NAMES)
def test_a_missing_segment_does_not_pass_for_a_stream_that_plays(
    player: Player,
    manifest: str,
    page: Page,
    players_site: str,
    damaged: PublishedTitle,
    damaged_url: str,
) -> None:
    for rendition in damaged.plan.video:
        damaged.file(segment_name(rendition.name, 0)).unlink()
    report = play(page, player, damaged_url + damaged.path_of(manifest), site=players_site)
    assert report.errors
    assert not report.plays


def test_a_variant_that_shows_another_size_does_not_count_as_reached(
    page: Page, players_site: str, damaged: PublishedTitle, damaged_url: str
) -> None:
    lowest, highest = damaged.plan.video[0], damaged.plan.video[-1]

    def swap(lower: str, higher: str) -> None:
        shutil.copyfile(damaged.file(lower), damaged.file(higher))

    swap(init_name(lowest.name), init_name(highest.name))
    for number in range(damaged.plan.segments):
        swap(segment_name(lowest.name, number), segment_name(highest.name, number))
    url = damaged_url + damaged.path_of(MASTER)
    report = play(page, "hls.js", url, site=players_site, patience_seconds=5)
    assert (highest.width, highest.height) in [variant.size for variant in report.variants_listed]
    assert (highest.width, highest.height) not in [shown.size for shown in report.variants_reached]
    assert not report.plays


def ranges(report: PlayReport, kind: str) -> tuple[tuple[float, float], ...]:
    """What the one source buffer of this kind held."""
    (buffer,) = (buffer for buffer in report.buffers if buffer.kind == kind)
    return buffer.ranges
