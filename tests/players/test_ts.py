"""hls.js and shaka-player play the container `ts`, in the clear and encrypted by AES-128."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from math import floor

import pytest
from playwright.sync_api import Browser, Page

from nightreel.media.packaging.package import package
from nightreel.media.planning.plan import Plan, PlanOptions
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE, TextRendition
from nightreel.vocabulary.release import MASTER, content_type_of
from tests.media.clips import Clip, Sound
from tests.media.encoded import TIMEOUT_SECONDS, encode_all
from tests.media.packaged import KEY
from tests.players.driver import Player, PlayReport, open_player, play
from tests.players.keys import key_server
from tests.players.library import PublishedTitle, place
from tests.players.server import serve

pytestmark = pytest.mark.browser

PLAYERS: tuple[Player, ...] = ("hls.js", "shaka")
PROTECTIONS = ("clear", "encrypted")
AUDIO_FRAME_SECONDS = AAC_FRAME_SAMPLES / AUDIO_SAMPLE_RATE
ROUNDING_SECONDS = 0.003
"""shaka-player puts the sound two milliseconds after the start."""
PREFER_FRENCH: dict[Player, str] = {
    "hls.js": "() => { window.playback.player.hls.audioTrack = 1 }",
    # shaka-player 5.2 leaves the picture out when it changes from the sound within while it plays.
    "shaka": """async () => {
        const { player } = window.playback.player;
        player.configure({ preferredAudio: [{ language: "fr" }] });
        await player.load(player.getAssetUri());
    }""",
}
PLAY_THE_LAST_SECOND = """() => new Promise((resolve, reject) => {
    const video = document.getElementById("video");
    video.addEventListener("ended", () => resolve(video.currentTime));
    setTimeout(() => reject(new Error(`not ended at ${video.currentTime} s`)), 30_000);
    video.currentTime = video.duration - 1;
    video.play();
})"""
REPLACED = "bufferAppendNoProgress"
"""hls.js's word for sound that takes the place of other sound; it plays on."""
CUES = """() => [...document.getElementById("video").textTracks].flatMap(({ cues }) =>
    [...(cues ?? [])].map(({ startTime, endTime }) => [startTime, endTime]))"""
CUE_START_SECONDS, CUE_END_SECONDS = 2.5, 4.25


@dataclass(frozen=True)
class Release:
    """A published title; `address` is where it is served."""

    title: PublishedTitle
    address: str

    @property
    def plan(self) -> Plan:
        return self.title.plan

    @property
    def url(self) -> str:
        return self.address + self.title.path_of(MASTER)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Release]]:
    """One title, in the clear and encrypted, with two languages and subtitles."""
    binaries, folder = find_binaries(), tmp_path_factory.mktemp("ts")
    clip = Clip(
        picture="testsrc2=size=192x108:rate=30000/1001",
        seconds=6,
        sounds=(Sound(seconds=6, language="eng"), Sound(seconds=6, language="fra")),
    )
    options = PlanOptions(container="ts", preset="veryfast", segment_seconds=2, keyframe_seconds=1)
    encoded = encode_all(clip.write(folder / "source.mp4", binaries.ffmpeg), folder, binaries, options)
    text = TextRendition(name="subs_en", label="English", language="en", stream=3)
    subtitles = folder / "subs_en.vtt"
    subtitles.write_text("WEBVTT\n\n00:02.500 --> 00:04.250\nGood night\n")
    plan = encoded.plan.model_copy(update={"text": (text,)})
    with ExitStack() as stack:
        bucket = tmp_path_factory.mktemp("bucket")
        address = stack.enter_context(serve({"/": bucket}, content_type_of))
        made = {}
        for name in PROTECTIONS:
            package(
                plan,
                {**encoded.files, text.name: subtitles},
                folder / name,
                binaries=binaries,
                timeout_seconds=TIMEOUT_SECONDS,
                protection=stack.enter_context(key_server(KEY)) if name == "encrypted" else None,
            )
            made[name] = Release(place(plan, name, folder / name, bucket), address)
        yield made


def almost_all_of(release: Release) -> float:
    """The seconds that are buffered for certain once all of a release is."""
    return release.plan.duration - 2 * AUDIO_FRAME_SECONDS


@dataclass(frozen=True)
class Played:
    release: Release
    report: PlayReport


@pytest.fixture(
    scope="module", params=product(PROTECTIONS, PLAYERS), ids=lambda chosen: "-".join(reversed(chosen))
)
def played(
    request: pytest.FixtureRequest, browser: Browser, players_site: str, releases: dict[str, Release]
) -> Played:
    """Each release in each player, played once for all the tests."""
    protection, player = request.param
    release = releases[protection]
    with browser.new_page() as page:
        return Played(release, play(page, player, release.url, site=players_site))


def test_every_variant_plays_and_no_error_is_seen(played: Played) -> None:
    assert played.report.errors == ()
    assert played.report.plays
    planned = [(item.width, item.height) for item in played.release.plan.video]
    assert [shown.size for shown in played.report.variants_reached] == planned


def test_the_first_frame_is_shown_at_the_start(played: Played) -> None:
    assert played.report.first_frame == pytest.approx(0, abs=ROUNDING_SECONDS)


def test_picture_and_sound_fill_the_whole_title_without_a_gap(played: Played) -> None:
    seconds = played.release.plan.duration
    assert played.report.audio_present
    assert played.report.duration == pytest.approx(seconds, abs=AUDIO_FRAME_SECONDS)
    assert played.report.ended_at == pytest.approx(seconds, abs=AUDIO_FRAME_SECONDS)
    for buffer in played.report.buffers:
        ((start, end),) = buffer.ranges
        assert start == pytest.approx(0, abs=ROUNDING_SECONDS)
        assert end == pytest.approx(seconds, abs=AUDIO_FRAME_SECONDS)


@pytest.mark.parametrize("player", PLAYERS)
def test_a_seek_into_an_encrypted_segment_not_loaded_yet_shows_the_frame_of_that_time(
    player: Player, page: Page, players_site: str, releases: dict[str, Release]
) -> None:
    release = releases["encrypted"]
    rate = release.plan.frame_rate
    middle = float((release.plan.segment_frames * 2 + 20.5) / rate)
    playback = open_player(page, player, site=players_site)
    playback.load(release.url, buffer_seconds=1)
    assert playback.seek(middle) == pytest.approx(float(floor(middle * rate) / rate), abs=ROUNDING_SECONDS)
    assert playback.facts()["errors"] == []


@pytest.mark.parametrize("player", PLAYERS)
@pytest.mark.parametrize("protection", PROTECTIONS)
def test_subtitles_are_shown_with_their_pictures(
    protection: str, player: Player, page: Page, players_site: str, releases: dict[str, Release]
) -> None:
    release = releases[protection]
    playback = open_player(page, player, site=players_site)
    # shaka-player shows none that are asked for after all pictures of a transport stream were loaded.
    playback.load(release.url, buffer_seconds=10, text_language="en")
    # And it now and then waits for ever after a seek that overtakes the load of a segment.
    playback.buffered(almost_all_of(release))
    assert playback.subtitles_from(0, CUE_START_SECONDS - 0.2) == ("Good night",)
    shown = page.evaluate(CUES)
    assert shown
    for start, end in shown:
        assert start == pytest.approx(CUE_START_SECONDS, abs=ROUNDING_SECONDS)
        assert end == pytest.approx(CUE_END_SECONDS, abs=ROUNDING_SECONDS)
    assert playback.facts()["errors"] == []


@pytest.mark.parametrize("player", PLAYERS)
@pytest.mark.parametrize("protection", PROTECTIONS)
def test_a_viewer_of_the_other_language_hears_it_in_place_of_the_one_within_the_pictures(
    protection: str, player: Player, page: Page, players_site: str, releases: dict[str, Release]
) -> None:
    release = releases[protection]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    playback = open_player(page, player, site=players_site)
    playback.load(release.url, buffer_seconds=10)
    assert not any(name.startswith("audio_fr_") for name in asked)
    playback.buffered(almost_all_of(release))
    page.evaluate(PREFER_FRENCH[player])
    page.wait_for_function("() => document.getElementById('video').readyState >= 3")
    ended_at = page.evaluate(PLAY_THE_LAST_SECOND)
    assert ended_at == pytest.approx(release.plan.duration, abs=AUDIO_FRAME_SECONDS)
    assert "audio_fr_002.ts" in asked
    assert [error for error in playback.facts()["errors"] if REPLACED not in error] == []
