"""A release is replaced while it is watched, by one that shares all of its tracks but one."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import m3u8
import pytest
from playwright.sync_api import Page

from nightreel.media.packaging.package import package_tracks, write_manifests
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.packaging.track import Tracks
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE
from nightreel.releases import files
from nightreel.releases.files import describe_files
from nightreel.releases.publish import stable_texts
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD, segment_name
from nightreel.vocabulary.tracks import rendition_of, track_id
from tests.laid_out import lay_out
from tests.media.encoded import TIMEOUT_SECONDS
from tests.media.packaged import encoded_renditions, picture, small_plan, sound
from tests.players.counting_server import CountingServer
from tests.players.driver import Playback, Player, open_player
from tests.players.two_releases import FIRST, PLAY_TO_THE_END, SECOND, TITLE, Release, facts
from tests.releases.followed import named_by

KEPT, REPLACED, SOUND = "54p", "108p", "audio_en"
PLAN = small_plan(
    video=(picture(KEPT, 54), picture(REPLACED, 108)), audio=(sound(SOUND, "en", 1, "English"),), frames=250
)
BETTER = PLAN.model_copy(
    update={"video": (picture(REPLACED, 108).model_copy(update={"video_bps": 400_000}),), "audio": ()}
)
BEST = 1
"""The place of the replaced picture among the variants."""
AHEAD_SECONDS = 4
AUDIO_FRAME_SECONDS = AAC_FRAME_SAMPLES / AUDIO_SAMPLE_RATE


@dataclass(frozen=True)
class Pair:
    """A release, and the one that replaces its best picture."""

    first: Release
    second: Release


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    binaries, folder = find_binaries(), tmp_path_factory.mktemp("replaced")
    flat = folder / "first"
    tracks = _package(PLAN, flat, binaries)
    write_manifests(PLAN, tracks, flat)
    manifests = folder / "first-manifests"
    first = Release(lay_out(facts(FIRST), flat, manifests), flat, manifests)
    return Pair(first, _revised(first, tracks, folder, binaries))


def _revised(first: Release, tracks: Tracks, folder: Path, binaries: Binaries) -> Release:
    """The release with its best picture packaged anew, and its manifests composed anew."""
    flat, manifests = folder / "second", folder / "second-manifests"
    (better,) = _package(BETTER, flat, binaries).pictures
    kept = [each for each in first.manifest.files if rendition_of(each.name) not in (None, REPLACED)]
    replacing = facts(SECOND).model_copy(
        update={
            "tracks": first.manifest.tracks | {REPLACED: track_id(REPLACED, SECOND)},
            "files": (*kept, *describe_files(flat)),
            "made_for": FIRST,
        }
    )
    pictures = tuple(better if each.rendition.name == REPLACED else each for each in tracks.pictures)
    write_manifests(PLAN, tracks.model_copy(update={"pictures": pictures}), flat)
    return Release(files.write_manifests(replacing, flat, manifests), flat, manifests)


def _package(plan: Plan, directory: Path, binaries: Binaries) -> Tracks:
    encoded = directory.with_name(f"{directory.name}-encoded")
    encoded.mkdir()
    packaging = Packaging(plan, directory, binaries, TIMEOUT_SECONDS)
    tracks, _ = package_tracks(packaging, encoded_renditions(plan, encoded, binaries.ffmpeg))
    return tracks


@pytest.mark.parametrize("manifest", [MASTER, MPD])
def test_what_two_releases_share_has_the_same_urls_in_both(pair: Pair, manifest: str) -> None:
    before, after = (urls_of(each, manifest, pair.first.tracks) for each in (pair.first, pair.second))
    gone, new = (each.folder_of(REPLACED) for each in (pair.first, pair.second))
    assert len(before) == len(after) > 3 * PLAN.segments
    assert {url for url in before if gone not in url} == {url for url in after if new not in url}
    assert {url.replace(gone, new) for url in before} == after


def urls_of(release: Release, manifest: str, kept: Path) -> set[str]:
    """What a player asks for, by its URL; `kept` has the playlists that are not the release's own."""
    base = f"https://media.example/{title_prefix(TITLE)}"
    named = named_by(base + manifest, stable_texts(release.manifest, release.manifests)[manifest])
    if manifest == MPD:
        return {url.replace("_000.", f"_{number:03d}.") for url in named for number in range(PLAN.segments)}
    found = set(named)
    for url in named:
        name = url.rpartition("/")[2]
        own = release.tracks / name
        playlist = m3u8.load(str(own if own.is_file() else kept / name))
        found |= {urljoin(url, item.uri) for item in (*playlist.segments, *playlist.segment_map)}
    return found


@pytest.mark.browser
@pytest.mark.parametrize(("player", "manifest"), [("hls.js", MASTER), ("dash.js", MPD)])
def test_a_viewer_of_a_release_that_is_replaced_plays_on_and_loads_nothing_again_that_is_shared(
    player: Player,
    manifest: str,
    page: Page,
    players_site: str,
    bucket: Bucket,
    server: CountingServer,
    pair: Pair,
) -> None:
    url = f"{server.address}/{title_prefix(TITLE)}{manifest}"
    pair.first.publish(bucket)

    def begin() -> Playback:
        playback = open_player(page, player, site=players_site)
        playback.load(url, AHEAD_SECONDS)
        # A load that is given up for another variant would be asked for twice.
        server.wait_until_quiet()
        playback.play_variant(BEST, 0.5)
        return playback

    def play_on(playback: Playback) -> None:
        assert page.evaluate(PLAY_TO_THE_END) == pytest.approx(PLAN.duration, abs=AUDIO_FRAME_SECONDS)
        assert playback.facts()["errors"] == []

    playback = begin()
    assert not playback.is_buffered(PLAN.duration - 1)
    pair.second.publish(bucket)
    play_on(playback)
    assert set(segments(server, pair.first)) == set(range(PLAN.segments))
    assert segments(server, pair.second) == []

    loaded_before = len(server.asked)
    play_on(begin())
    assert sorted(segments(server, pair.second)) == list(range(PLAN.segments))
    gone = pair.first.folder_of(REPLACED)
    assert [path for path, _ in server.asked[loaded_before:] if path.startswith(gone)] == []

    shared = tuple(pair.first.folder_of(each) for each in (KEPT, SOUND))
    times = Counter(path for path, _ in server.asked if path.startswith(shared))
    assert {path: count for path, count in times.items() if count > 1} == {}
    heard = [pair.first.folder_of(SOUND) + segment_name(SOUND, number) for number in range(PLAN.segments)]
    assert [path for path in heard if path not in times] == []
    assert {status for _, status in server.asked} == {200}


def segments(server: CountingServer, release: Release) -> list[int]:
    """The numbers of those of the replaced picture that were asked for, as this release has it."""
    names = {release.folder_of(REPLACED) + segment_name(REPLACED, n): n for n in range(PLAN.segments)}
    return [names[path] for path, _ in server.asked if path in names]
