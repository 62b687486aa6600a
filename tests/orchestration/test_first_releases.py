"""First what plays soonest, then the rest: the second release takes over the tracks of the first one."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

from nightreel.catalog import Catalog, load_mapping
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import find_binaries
from nightreel.orchestration.conversion.scope import FirstRelease, Scope, completing_scope
from nightreel.releases.published import judge_published
from nightreel.vocabulary.layout import title_prefix, track_prefix
from nightreel.vocabulary.release import MASTER
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import STILLS, maker_of
from tests.orchestration import sources
from tests.orchestration.installation import Installation
from tests.orchestration.keys import ABLE
from tests.orchestration.runs import Run, convert, keep_house
from tests.orchestration.test_encryption_choice import ticket_for

Install = Callable[..., Installation]
SOUND = "audio_und"


@pytest.fixture(scope="module")
def uneven_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sources.uneven_film(tmp_path_factory.mktemp("sources") / "uneven.mp4")


@pytest.fixture(scope="module")
def first(installation: Installation, uneven_film: Path) -> tuple[Title, Run, dict[str, Any]]:
    """A title with its first release, and what the catalog had of it."""
    title = installation.add_movie(400, uneven_film)
    run = convert(title, first=True)
    return title, run, installation.conversion(title)


@pytest.fixture(scope="module")
def completed(
    first: tuple[Title, Run, dict[str, Any]], installation: Installation
) -> tuple[Title, Run, dict[str, Any]]:
    """The same title, completed."""
    title, _, _ = first
    before = stored(installation, title)
    run = convert(title)
    return title, run, before


def stored(installation: Installation, title: Title) -> dict[str, tuple[str, Any]]:
    """The ETag and the date of each object of a title."""
    return {item.key: (item.etag, item.modified) for item in installation.bucket.list(title_prefix(title))}


def packets(source: Path | io.BytesIO) -> list[bytes]:
    """Those of the picture, in the order of decoding."""
    with av.open(source) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def tracks_of(installation: Installation, title: Title) -> dict[str, str]:
    return installation.manifest(title, installation.conversion(title)["release"]).tracks


def require_playing(installation: Installation, title: Title, tmp_path: Path) -> None:
    """The gate judges what the public address delivers."""
    url = installation.bucket.public_url_of(title_prefix(title) + MASTER)
    keys = Catalog.from_dsn(
        installation.dsn,
        load_mapping(installation.settings.catalog_mapping),
        installation.settings.key_secret,
    ).content_keys
    judged = judge_published(url, tmp_path / "report", partial(keys.find, title))
    assert judged.passed, judged.sentences


def test_a_first_release_has_one_rendition_and_the_sound_and_says_that_there_is_more_to_come(
    first: tuple[Title, Run, dict[str, Any]], installation: Installation
) -> None:
    title, run, conversion = first
    assert run.state == "success"
    assert run.mapped_names("transcode") == {"360p, audio und"}
    assert (conversion["state"], conversion["complete"]) == ("published", False)
    assert set(installation.manifest(title, conversion["release"]).tracks) == {"360p", SOUND, STILLS}
    assert [variant["quality"] for variant in conversion["variants"]] == ["360p"]


def test_a_picture_that_plays_as_it_is_is_copied_packet_by_packet(
    first: tuple[Title, Run, dict[str, Any]], installation: Installation, uneven_film: Path
) -> None:
    title, _, conversion = first
    manifest = installation.manifest(title, conversion["release"])
    files = [file.name for file in manifest.files if file.name.startswith("stream_360p_")]
    assert files == ["stream_360p_000.m4s", "stream_360p_001.m4s", "stream_360p_init.mp4"]
    content = b"".join(
        installation.bucket.get_bytes(manifest.key_of(name)) or b"" for name in (files[2], *files[:2])
    )
    assert packets(io.BytesIO(content)) == packets(uneven_film)


def test_a_first_release_that_is_there_is_not_made_again(first: tuple[Title, Run, dict[str, Any]]) -> None:
    assert convert(first[0], first=True).states["claim"] == "skipped"


def test_what_is_soon_done_is_complete_at_once_with_its_own_picture(
    install: Install, uneven_film: Path
) -> None:
    installation = install(NIGHTREEL_FIRST_RELEASE_SECONDS="8")
    title = installation.add_movie(1, uneven_film)
    assert convert(title, first=True).state == "success"
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["complete"]) == ("published", True)
    manifest = installation.manifest(title, conversion["release"])
    assert set(manifest.tracks) == {"240p", "360p", SOUND, STILLS}
    copied = {item["name"] for item in manifest.plan["video"] if item["copied"]}
    assert copied == {"360p"}


def test_the_second_release_makes_only_what_the_first_one_lacks(
    completed: tuple[Title, Run, dict[str, Any]], installation: Installation
) -> None:
    title, run, _ = completed
    assert run.state == "success"
    assert run.mapped_names("transcode") == {"240p"}
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["complete"]) == ("published", True)
    made = {
        name: maker_of(track) == conversion["release"]
        for name, track in tracks_of(installation, title).items()
    }
    assert made == {"240p": True, "360p": False, SOUND: False, STILLS: True}


def test_no_object_of_a_track_that_is_taken_over_is_written_again(
    completed: tuple[Title, Run, dict[str, Any]], installation: Installation
) -> None:
    title, _, before = completed
    after = stored(installation, title)
    tracks = {key: said for key, said in before.items() if "/tracks/" in key}
    assert tracks
    assert {key: after.get(key) for key in tracks} == tracks


def test_what_is_published_of_both_passes_the_gate(
    completed: tuple[Title, Run, dict[str, Any]], installation: Installation, tmp_path: Path
) -> None:
    require_playing(installation, completed[0], tmp_path)


def test_a_title_that_is_complete_is_skipped_like_any_other(
    completed: tuple[Title, Run, dict[str, Any]],
) -> None:
    assert convert(completed[0]).states["claim"] == "skipped"


def test_a_first_release_takes_no_choice_of_renditions_or_sound(installation: Installation) -> None:
    from nightreel.errors import ConfigurationError

    title = installation.add_movie(405, "sources/405.mp4")
    with pytest.raises(ConfigurationError, match="leave out first"):
        ticket_for(title, first=True, sound=False)


def test_an_encrypted_title_keeps_its_key_and_shared_tracks_outlive_the_first_release(
    install: Install, film: Path, tmp_path: Path
) -> None:
    installation = install(
        **ABLE,
        NIGHTREEL_ENCRYPT="true",
        NIGHTREEL_COPY_PICTURES="false",
        NIGHTREEL_RELEASE_GRACE_SECONDS="0",
    )
    title = installation.add_movie(1, film)
    convert(title, first=True)
    first = installation.conversion(title)["release"]
    keys = installation.query("SELECT key_id, timeline FROM nightreel.content_keys")
    convert(title)
    for chore in ("superseded_releases", "unknown_releases"):
        keep_house(chore)
    (release,) = installation.query("SELECT deleted_at FROM nightreel.releases WHERE release = %s", first)
    assert release["deleted_at"] is not None
    assert installation.query("SELECT key_id, timeline FROM nightreel.content_keys") == keys
    require_playing(installation, title, tmp_path)


def test_a_copy_in_hevc_comes_beside_a_picture_that_every_player_decodes_and_stays(
    install: Install, tmp_path: Path
) -> None:
    installation = install(
        **ABLE,
        NIGHTREEL_ENCRYPT="true",
        NIGHTREEL_CODECS="h264,hevc",
        NIGHTREEL_PRESET="ultrafast",
        NIGHTREEL_MEASURE_QUALITY="false",
    )
    title = installation.add_movie(1, sources.hevc_film(tmp_path / "hevc.mp4"))
    assert convert(title, first=True).mapped_names("transcode") == {"hevc 360p, audio und", "360p"}
    require_playing(installation, title, tmp_path / "first")
    copied = tracks_of(installation, title)["hevc_360p"]
    assert convert(title).mapped_names("transcode") == {"240p", "hevc 240p"}
    require_playing(installation, title, tmp_path / "complete")
    assert tracks_of(installation, title)["hevc_360p"] == copied
    conversion = installation.conversion(title)
    assert (conversion["complete"], conversion["warnings"]) == (True, [])
    assert [variant["quality"] for variant in conversion["variants"]] == [
        *("240p", "360p", "hevc_240p", "hevc_360p")
    ]


def test_where_nothing_can_stay_everything_is_made_on_a_timeline_of_its_own(
    completed: tuple[Title, Run, dict[str, Any]], installation: Installation
) -> None:
    title, _, _ = completed
    release = installation.conversion(title)["release"]
    whole = Plan.model_validate(installation.manifest(title, release).plan)
    assert completing_scope(whole, {}, "20260101T000000-00000000") == (
        whole,
        Scope(complete=True, timeline="20260101T000000-00000000"),
    )


class TestWhatIsTakenOver:
    """The tracks of a first release that would be made alike today, and that are still there."""

    @pytest.fixture
    def taken(
        self, completed: tuple[Title, Run, dict[str, Any]], installation: Installation
    ) -> Callable[..., set[str]]:
        """What would be, of the first release, for the plan with these changes."""
        title, _, before = completed
        current = installation.conversion(title)["release"]
        (release,) = {key.split("/")[4] for key in before if key.endswith("release.json")}
        assert release != current
        plan = Plan.model_validate(installation.manifest(title, current).plan)
        release_in_bucket = FirstRelease(title, release, installation.catalog, installation.bucket)
        tools = find_binaries().versions()

        def names(tools: dict[str, str] = tools, pictures: str = "", **changes: Any) -> set[str]:
            video = tuple(item for item in plan.video if pictures in item.name)
            changed = plan.model_copy(update={"video": video, **changes})
            return set(release_in_bucket.tracks_for(changed, tools))

        return names

    def test_all_that_is_the_same(self, taken: Callable[..., set[str]]) -> None:
        assert taken() == {"360p", SOUND}

    def test_not_what_another_version_of_a_program_made(self, taken: Callable[..., set[str]]) -> None:
        assert taken(tools={"ffmpeg": "10.0", "packager": "4.0"}) == set()

    def test_not_the_sound_where_another_loudness_is_wanted(self, taken: Callable[..., set[str]]) -> None:
        assert taken(loudness_lufs=-16.0) == {"360p"}

    def test_nothing_where_keyframes_are_elsewhere(self, taken: Callable[..., set[str]]) -> None:
        assert taken(keyframes=(0, 25), cuts=(0, 25)) == set()

    def test_not_the_only_picture_because_the_stills_are_cut_from_one(
        self, taken: Callable[..., set[str]]
    ) -> None:
        assert taken(pictures="360p") == {SOUND}

    def test_not_what_the_bucket_lost(
        self,
        taken: Callable[..., set[str]],
        completed: tuple[Title, Run, dict[str, Any]],
        installation: Installation,
    ) -> None:
        title, _, _ = completed
        prefix = track_prefix(title, tracks_of(installation, title)["360p"])
        lost = f"{prefix}stream_360p_000.m4s"
        installation.bucket.delete([lost])
        assert taken() == {SOUND}
