"""Closed captions within the picture become subtitles of their own."""

from pathlib import Path

import pytest

from corpus.captions import write_captioned
from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.inspect import inspect
from nightreel.media.inspection.integrity import DecodeCheck
from nightreel.media.packaging.webvtt import Cue, read_cues
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from tests.media.clips import remuxed
from tests.media.encoded import SMALL, TIMEOUT_SECONDS

_SHOWN = {25: "Hello there", 40: "a <b> & c", 60: ""}
_CUES = [
    Cue(1000, 1600, "Hello there"),
    Cue(1600, 2400, "a &lt;b&gt; &amp; c"),
]


def _planned(source: Path, binaries: Binaries, how: DecodeCheck = "sampled") -> Plan:
    described = inspect(source, binaries, decode_check=how, damage_tolerance=0.01)
    return build_plan(described, SMALL, PlanOptions())


def _cues(source: Path, plan: Plan, folder: Path, binaries: Binaries) -> list[Cue]:
    (job,) = (job for job in plan.jobs if job.kind == "text")
    output = folder / "captions.vtt"
    outputs = {job.renditions[0]: output}
    encode(job, plan, source, outputs, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS)
    return read_cues(output)


@pytest.mark.parametrize("name", ["plain.mp4", "it's, [one]; of: many=\\=.mkv"])
@pytest.mark.parametrize("how", ["off", "sampled", "whole"])
def test_captions_within_the_picture_become_subtitles(
    binaries: Binaries, tmp_path: Path, name: str, how: DecodeCheck
) -> None:
    source = write_captioned(tmp_path / name, _SHOWN, binaries.ffmpeg)
    plan = _planned(source, binaries, how)
    assert [(text.name, text.label, text.language, text.default) for text in plan.text] == [
        ("subs_und", "Closed captions", "und", False)
    ]
    assert plan.warnings == ()
    assert _cues(source, plan, tmp_path, binaries) == _CUES


def test_captions_are_timed_from_the_start_of_the_title(binaries: Binaries, tmp_path: Path) -> None:
    captioned = write_captioned(tmp_path / "source.mp4", _SHOWN, binaries.ffmpeg)
    late = remuxed(captioned, tmp_path / "late.mkv", binaries.ffmpeg, after=("-output_ts_offset", "7"))
    plan = _planned(late, binaries)
    assert _cues(late, plan, tmp_path, binaries) == _CUES


def test_room_for_captions_that_say_nothing_is_no_track(binaries: Binaries, tmp_path: Path) -> None:
    plan = _planned(write_captioned(tmp_path / "source.mp4", {}, binaries.ffmpeg), binaries)
    assert (plan.text, plan.warnings) == ((), ())


def test_captions_of_the_newer_form_alone_are_told(binaries: Binaries, tmp_path: Path) -> None:
    source = write_captioned(tmp_path / "source.mp4", _SHOWN, binaries.ffmpeg, digital=True)
    plan = _planned(source, binaries)
    assert plan.text == ()
    assert [warning for warning in plan.warnings if "CTA-708" in warning]
