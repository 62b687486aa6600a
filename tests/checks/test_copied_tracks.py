"""Tracks of the source's own packets: the gate passes whole ones, and finds damage that no encoder made."""

import io
from pathlib import Path

import av
import pytest

from nightreel.checks.facts.track import TrackFacts, measure_track
from nightreel.checks.gate import judge_track
from nightreel.media.planning.plan import PlanOptions
from nightreel.vocabulary.media import CopyCheck
from nightreel.vocabulary.release import init_name, segment_name
from tests.checks.material import ONE_RUNG, Material, ffmpeg, make_release

SOUND, PICTURE = "audio_und", "108p"


@pytest.fixture(scope="module", params=[48_000, 44_100])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Thirteen seconds, in three segments, with a copied sound. Not to be written to."""
    folder = tmp_path_factory.mktemp("copied")
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=192x108:r=25", "-f", "lavfi", "-i", f"sine=440:r={request.param}"),
        *("-t", "13", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-ac", "2", "-b:a", "64k", str(folder / "source.mp4")),
    )
    made = make_release(folder / "source.mp4", folder, ONE_RUNG, PlanOptions(), own_sounds=True)
    assert [(sound.copied, sound.sample_rate) for sound in made.plan.audio] == [(True, request.param)]
    return made


def _measured(made: Material, name: str, check: CopyCheck = "sampled") -> TrackFacts:
    return measure_track(made.directory, made.plan, made.plan.rendition(name), copy_check=check)


def _rules_not_met(made: Material, name: str, check: CopyCheck = "sampled") -> set[str]:
    facts = _measured(made, name, check)
    return {failure.rule for failure in judge_track(facts, made.plan, made.source).failures}


def _damaged(made: Material, directory: Path, name: str) -> Material:
    """With a segment whose last frame cannot be decoded."""
    damaged = made.copy(directory)
    path, init = directory / segment_name(name, 1), (directory / init_name(name)).read_bytes()
    data = bytearray(path.read_bytes())
    with av.open(io.BytesIO(init + data)) as container:
        last = [packet.pos or 0 for packet in container.demux(container.streams[0]) if packet.size][-1]
    at = last - len(init)
    data[at : at + 40] = b"\xff" * 40
    path.write_bytes(data)
    return damaged


def test_a_release_with_a_copied_sound_passes_the_gate_clear_and_encrypted(
    made: Material, tmp_path: Path
) -> None:
    assert [str(failure) for failure in made.judged().failures] == []
    assert [str(failure) for failure in made.encrypted(tmp_path / "release").judged().failures] == []


def test_all_of_a_copied_sound_is_decoded(made: Material, tmp_path: Path) -> None:
    damaged = _damaged(made, tmp_path / "release", SOUND)
    assert _rules_not_met(damaged, SOUND) == {"segment-decodes"}


def test_a_copied_picture_is_decoded_after_each_cut_or_whole_as_the_setting_says(
    made: Material, tmp_path: Path
) -> None:
    picture = made.plan.video[0].model_copy(update={"copied": True})
    copied = Material(
        made.directory, made.plan.model_copy(update={"video": (picture,)}), made.source, made.encoded
    )
    assert _rules_not_met(copied, PICTURE, "whole") == set()
    damaged = _damaged(copied, tmp_path / "release", PICTURE)
    assert _rules_not_met(damaged, PICTURE, "sampled") == set()
    assert _rules_not_met(damaged, PICTURE, "whole") == {"segment-decodes"}
