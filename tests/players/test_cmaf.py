"""hls.js, dash.js and shaka-player play CMAF of several codecs, sounds and subtitles, clear and encrypted."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from nightreel.media.packaging.package import package
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.renditions import TextRendition
from nightreel.vocabulary.protection import Protection
from nightreel.vocabulary.release import content_type_of
from tests.media.encoded import TIMEOUT_SECONDS
from tests.media.packaged import KEY, encoded_renditions, picture, small_plan, sound
from tests.players.driver import Player, PlayReport, open_player, play
from tests.players.keys import key_server
from tests.players.library import PublishedTitle, place
from tests.players.server import serve
from tests.players.test_playback import AUDIO_FRAME_SECONDS, ROUNDING_SECONDS, STREAM_NAMES, STREAMS

pytestmark = pytest.mark.browser

PLAN = small_plan(
    video=(
        picture("54p", 54),
        picture("108p", 108),
        picture("hevc_108p", 108, "hevc"),
        picture("av1_108p", 108, "av1"),
    ),
    audio=(
        sound("audio_en", "en", 1, "English"),
        sound("audio_fr", "fr", 2, "French"),
        sound("audio_en_51", "en", 1, "English", channels=6),
    ),
    text=(
        TextRendition(name="subs_en", label="Spoken", language="en", stream=3),
        TextRendition(name="subs_fr", label="Parlé", language="fr", stream=4),
    ),
    # Longer than the driver waits to see buffered; the sound ends after the picture.
    frames=390,
)
PROTECTIONS = ("clear", "encrypted")


@dataclass(frozen=True)
class Release:
    """A published title, where it is served, and what protects it."""

    title: PublishedTitle
    address: str
    protection: Protection | None

    @property
    def plan(self) -> Plan:
        return self.title.plan

    def url_of(self, manifest: str) -> str:
        return self.address + self.title.path_of(manifest)

    @property
    def license_url(self) -> str:
        return self.protection.license_url if self.protection else ""


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Release]]:
    """One title, in the clear and encrypted by cbcs."""
    binaries = find_binaries()
    bucket, work = (tmp_path_factory.mktemp(name) for name in ("bucket", "work"))
    encoded = encoded_renditions(PLAN, work, binaries.ffmpeg)
    with ExitStack() as stack:
        address = stack.enter_context(serve({"/": bucket}, content_type_of))
        made = {}
        for name in PROTECTIONS:
            protection = stack.enter_context(key_server(KEY)) if name == "encrypted" else None
            plan = PLAN.model_copy(update={"encrypted": protection is not None})
            package(
                plan,
                encoded,
                work / name,
                binaries=binaries,
                timeout_seconds=TIMEOUT_SECONDS,
                protection=protection,
            )
            made[name] = Release(place(plan, name, work / name, bucket), address, protection)
        yield made


@dataclass(frozen=True)
class Played:
    release: Release
    report: PlayReport


@pytest.fixture(
    scope="module",
    params=product(PROTECTIONS, STREAMS),
    ids=[f"{protection}-{stream}" for protection, stream in product(PROTECTIONS, STREAM_NAMES)],
)
def played(
    request: pytest.FixtureRequest, browser: Browser, players_site: str, releases: dict[str, Release]
) -> Played:
    """Each release in each player, played once for all the tests."""
    protection, (player, manifest) = request.param
    release = releases[protection]
    with browser.new_page() as page:
        report = play(
            page, player, release.url_of(manifest), site=players_site, license_url=release.license_url
        )
    return Played(release, report)


def test_every_variant_that_the_player_chooses_from_plays_to_the_end(played: Played) -> None:
    assert played.report.errors == ()
    assert played.report.plays
    assert played.report.audio_present
    assert played.report.ended_at == pytest.approx(played.release.plan.duration, abs=AUDIO_FRAME_SECONDS)


def test_the_largest_picture_is_reached(played: Played) -> None:
    largest = max((item.width, item.height) for item in played.release.plan.video)
    assert largest in [shown.size for shown in played.report.variants_reached]


def test_the_first_frame_is_shown_at_the_start(played: Played) -> None:
    assert played.report.first_frame == pytest.approx(0, abs=ROUNDING_SECONDS)


@pytest.mark.parametrize(("player", "manifest"), STREAMS, ids=STREAM_NAMES)
def test_subtitles_are_listed_by_name_and_shown(
    player: Player, manifest: str, page: Page, players_site: str, releases: dict[str, Release]
) -> None:
    release = releases["encrypted"]
    playback = open_player(page, player, site=players_site)
    playback.load(release.url_of(manifest), 10, release.license_url)
    assert set(playback.subtitles()) == {"Spoken", "Parlé"}
    for index, name in enumerate(playback.subtitles()):
        # Shaka Player may first show a text of those before, whose load was on its way.
        assert any(playback.subtitles_from(index, 1.0 + index) == (name,) for _ in range(3))
    assert playback.facts()["errors"] == []


@pytest.mark.parametrize(("player", "manifest"), STREAMS, ids=STREAM_NAMES)
def test_without_the_key_no_player_shows_a_picture(
    player: Player, manifest: str, page: Page, players_site: str, tmp_path: Path
) -> None:
    binaries, other = find_binaries(), replace(KEY, key=bytes(16))
    plan = small_plan(encrypted=True)
    with key_server(other) as protection, serve({"/": tmp_path}, content_type_of) as address:
        package(
            plan,
            encoded_renditions(plan, tmp_path, binaries.ffmpeg),
            tmp_path,
            binaries=binaries,
            timeout_seconds=TIMEOUT_SECONDS,
            protection=replace(protection, key=KEY),
        )
        report = play(
            page,
            player,
            f"{address}/{manifest}",
            site=players_site,
            patience_seconds=5,
            license_url=protection.license_url,
        )
    assert not report.plays
    assert report.variants_reached == ()
