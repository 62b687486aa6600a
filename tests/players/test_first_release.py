"""A title whose picture is copied plays from its first release on, and is completed while it is watched."""

from collections import Counter
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Page

from corpus.copies.__main__ import LADDER
from corpus.copies.making import make
from corpus.copies.recipes import RECIPES
from corpus.copies.releases import copy
from corpus.outcome import Way
from nightreel.media.packaging.package import offered, package_track, write_manifests
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE
from nightreel.releases import files
from nightreel.releases.files import describe_files
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD, segment_name
from nightreel.vocabulary.tracks import track_id
from tests.laid_out import lay_out
from tests.media.encoded import TIMEOUT_SECONDS
from tests.players.counting_server import CountingServer
from tests.players.driver import Playback, Player, open_player
from tests.players.two_releases import FIRST, PLAY_TO_THE_END, SECOND, TITLE, Release, facts

pytestmark = pytest.mark.browser

SECONDS = 13
AHEAD_SECONDS = 2
AUDIO_FRAME_SECONDS = AAC_FRAME_SAMPLES / AUDIO_SAMPLE_RATE
COPIED, ADDED, SOUND = "108p", "54p", "audio_und"
NEW_LINES = 54
streams = pytest.mark.parametrize(
    ("player", "manifest"), [("hls.js", MASTER), ("dash.js", MPD), ("shaka", MPD)], ids=lambda value: value
)


@dataclass(frozen=True)
class Title:
    """A first release, with the copied picture and the sound, and the complete one."""

    plan: Plan
    first: Release
    complete: Release


@pytest.fixture(scope="module")
def title(tmp_path_factory: pytest.TempPathFactory) -> Title:
    """As x264 makes a film by default; each frame shows its number."""
    folder, binaries = tmp_path_factory.mktemp("first"), find_binaries()
    recipe = next(each for each in RECIPES if each.name == "x264_defaults")
    case = make(replace(recipe, seconds=SECONDS), folder, binaries.ffmpeg)
    way = Way(binaries, LADDER, recipe.options)
    made = copy(case, way, folder / "made", lambda step: None)
    assert made.plan is not None
    assert made.complete is not None
    assert made.as_expected, (made.reasons, made.faults)

    flat, more = folder / "flat", folder / "more"
    packaged = {}
    for plan, directory in ((made.plan, flat), (made.complete, more)):
        packaging = Packaging(plan, directory, binaries, TIMEOUT_SECONDS)
        new = [item for item in plan.renditions if item.name not in packaged]
        packaged |= {item.name: package_track(packaging, item, made.encoded)[0] for item in new}
        write_manifests(plan, offered(plan, packaged), directory)
    manifest = lay_out(facts(FIRST), flat, folder / "flat-manifests")
    completed = facts(SECOND).model_copy(
        update={
            "tracks": manifest.tracks | {ADDED: track_id(ADDED, SECOND)},
            "files": (*(each for each in manifest.files if "stream_" in each.name), *describe_files(more)),
            "made_for": FIRST,
        }
    )
    whole = files.write_manifests(completed, more, folder / "more-manifests")
    return Title(
        made.plan,
        Release(manifest, flat, folder / "flat-manifests"),
        Release(whole, more, folder / "more-manifests"),
    )


@streams
def test_a_first_release_shows_the_right_frame_at_its_start_and_after_every_seek(
    player: Player,
    manifest: str,
    page: Page,
    players_site: str,
    bucket: Bucket,
    server: CountingServer,
    title: Title,
) -> None:
    title.first.publish(bucket)
    playback = open_player(page, player, site=players_site)
    assert playback.load(_url(server, manifest), AHEAD_SECONDS) == 0
    assert playback.shown_number() == 0
    for second in (12, 8, 9, 1, 5, 11, 0):
        playback.seek(second)
        assert playback.shown_number() == second * title.plan.frame_rate
    assert playback.facts()["errors"] == []


@streams
def test_who_watches_while_it_is_completed_plays_on_and_then_has_the_new_rendition(
    player: Player,
    manifest: str,
    page: Page,
    players_site: str,
    bucket: Bucket,
    server: CountingServer,
    title: Title,
) -> None:
    def begin(lines: int) -> Playback:
        playback = open_player(page, player, site=players_site)
        playback.load(_url(server, manifest), AHEAD_SECONDS)
        # A load that is given up for another variant would be asked for twice.
        server.wait_until_quiet()
        playback.play_variant([variant.height for variant in playback.variants()].index(lines), 0.5)
        return playback

    title.first.publish(bucket)
    playback = begin(title.plan.video[0].height)
    assert not playback.is_buffered(title.plan.duration - 1)
    title.complete.publish(bucket)
    assert page.evaluate(PLAY_TO_THE_END) == pytest.approx(title.plan.duration, abs=AUDIO_FRAME_SECONDS)
    assert playback.facts()["errors"] == []

    playback = begin(NEW_LINES)
    assert playback.facts()["errors"] == []
    times = Counter(path for path, _ in server.asked)
    numbers = range(len(title.plan.grid.cuts))
    shared = [
        title.first.folder_of(name) + segment_name(name, n) for name in (COPIED, SOUND) for n in numbers
    ]
    assert {times[path] for path in shared} == {1}
    assert times[title.complete.folder_of(ADDED) + segment_name(ADDED, 0)] > 0
    assert {status for _, status in server.asked} == {200}


def _url(server: CountingServer, manifest: str) -> str:
    return f"{server.address}/{title_prefix(TITLE)}{manifest}"
