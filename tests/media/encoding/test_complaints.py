from pathlib import Path

import pytest

from nightreel.errors import SourceRejected
from nightreel.media.encoding.complaints import judge_encoded
from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import EncodeJob
from nightreel.places import PROJECT_ROOT
from tests.media.clips import Clip, Sound
from tests.media.conftest import MakeClip
from tests.media.damage import overwritten, packets
from tests.media.sources import source

_FILM = Clip(seconds=8, sounds=(Sound(seconds=8),), after=("-g", "25", "-bf", "2"))


def _encoded(film: Path, path: Path, binaries: Binaries) -> int:
    plan = build_plan(
        probe(film, binaries.ffprobe),
        load_ladder(PROJECT_ROOT / "config" / "ladder.yaml"),
        PlanOptions(preset="ultrafast"),
    )
    job = plan.jobs[0]
    (name,) = job.renditions
    return encode(job, plan, film, {name: path}, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=60)


def test_what_the_encoder_meets_is_counted_and_light_damage_becomes_a_stream(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    film = make_clip(_FILM)
    assert _encoded(film, tmp_path / "whole.mp4", binaries) == 0
    light = overwritten(film, tmp_path / "damaged.mp4", packets(film)[60:180:25])
    damaged = _encoded(light, tmp_path / "light.mp4", binaries)
    assert 0 < damaged <= 15
    assert probe(tmp_path / "light.mp4", binaries.ffprobe).frames == 200


_JOB = EncodeJob(kind="video", renditions=("240p",), start_frame=0, end_frame=1000)


def test_what_encoding_finds_damaged_is_a_warning_or_a_refusal() -> None:
    film = source()
    assert judge_encoded(film, _JOB, 0, 0.01) == ""
    assert "10 of 1000 frames" in judge_encoded(film, _JOB, 10, 0.01)
    with pytest.raises(SourceRejected, match="undecodable"):
        judge_encoded(film, _JOB, 11, 0.01)
    sound = _JOB.model_copy(update={"kind": "audio", "renditions": ("audio_en",)})
    assert "900 packets of audio en" in judge_encoded(film, sound, 900, 0.01)


def test_what_was_decoded_whole_is_not_judged_again() -> None:
    assert judge_encoded(source().model_copy(update={"damaged_frames": 3}), _JOB, 900, 0.01) == ""
