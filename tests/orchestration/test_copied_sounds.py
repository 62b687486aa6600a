"""Where loudness is left alone, a title gets the source's own sound, and an encoded one where that fails."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from nightreel.media.planning.plan import Plan
from nightreel.orchestration.conversion import copies
from nightreel.vocabulary.release import stream_name
from nightreel.vocabulary.title import Title
from tests.media.aac import sound_packets
from tests.media.damage import overwritten, packets
from tests.orchestration import sources
from tests.orchestration.installation import Installation
from tests.orchestration.runs import convert, run_dag

SOUND = "audio_und"


@pytest.fixture(scope="module")
def stereo_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sources.uneven_film(tmp_path_factory.mktemp("sources") / "stereo.mp4", channels=2)


@pytest.fixture
def loud(install: Callable[..., Installation]) -> Installation:
    """An installation that leaves loudness alone."""
    return install(NIGHTREEL_NORMALISE_LOUDNESS="false")


def _plan(installation: Installation, title: Title) -> Plan:
    return Plan.model_validate(installation.manifest(title, installation.conversion(title)["release"]).plan)


def _published(installation: Installation, title: Title, name: str) -> list[bytes]:
    """The packets of a published track."""
    manifest = installation.manifest(title, installation.conversion(title)["release"])
    names = sorted(file.name for file in manifest.files if file.name.startswith(f"{stream_name(name)}_"))
    content = b"".join(
        installation.bucket.get_bytes(manifest.key_of(each)) or b"" for each in (names[-1], *names[:-1])
    )
    with av.open(io.BytesIO(content)) as container:
        return [bytes(packet) for packet in container.demux(container.streams[0]) if packet.size]


def test_a_sound_is_copied_once_for_the_first_release_and_the_complete_one(
    loud: Installation, stereo_film: Path
) -> None:
    title = loud.add_movie(1, stereo_film)
    assert convert(title, first=True).state == "success"
    own = [data for time, data in sound_packets(stereo_film, 1) if time >= 0]
    assert _published(loud, title, SOUND) == own
    assert convert(title).mapped_names("transcode") == {"240p"}
    assert [sound.copied for sound in _plan(loud, title).audio] == [True]
    assert loud.conversion(title)["warnings"] == []


def test_copies_that_do_not_play_are_encoded_instead_each_by_itself(
    loud: Installation, stereo_film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = loud.add_movie(1, stereo_film)

    def damaging(copy: Callable[..., None], kind: str) -> Callable[..., None]:
        def damaged(source: Path, output: Path, *more: Any, **options: Any) -> None:
            copy(source, output, *more, **options)
            overwritten(output, output, packets(output, kind)[3:5], keep=0.0)

        return damaged

    with monkeypatch.context() as patch:
        patch.setattr(copies, "copy_picture", damaging(copies.copy_picture, "video"))
        patch.setattr(copies, "copy_sound", damaging(copies.copy_sound, "audio"))
        assert convert(title, first=True).state == "success"
    plan, told = _plan(loud, title), loud.conversion(title)["warnings"]
    assert not any(item.copied for item in (*plan.video, *plan.audio))
    assert sorted(sentence.partition(",")[0] for sentence in told) == [
        "Its picture could not be copied",
        "Sound track 1 could not be copied",
    ]
    # It stays encoded, and the sentences stay with it.
    assert convert(title).mapped_names("transcode") == {"240p"}
    assert sorted(loud.conversion(title)["warnings"]) == sorted(told)


@pytest.mark.parametrize(
    ("variables", "copied"),
    [({}, True), ({"NIGHTREEL_COPY_SOUNDS": "false"}, False), ({"NIGHTREEL_CONTAINER": "ts"}, False)],
)
def test_a_title_that_is_made_at_once_gets_the_copied_sound_as_the_settings_say(
    install: Callable[..., Installation], stereo_film: Path, variables: dict[str, str], *, copied: bool
) -> None:
    installation = install(NIGHTREEL_NORMALISE_LOUDNESS="false", **variables)
    title = installation.add_movie(1, stereo_film)
    conf = {"content_type": "movie", "content_id": title.content_id}
    run = run_dag("convert_title", conf, pretend="transcode|package|validate|upload|publish|notify|quality")
    assert run.states["plan"] == "success"
    (attempt,) = installation.query("SELECT plan FROM nightreel.attempts")
    assert [sound["copied"] for sound in attempt["plan"]["audio"]] == [copied]
