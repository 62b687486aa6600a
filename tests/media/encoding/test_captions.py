"""Closed captions within the picture become subtitles of their own."""

import subprocess
from pathlib import Path

import pytest

from corpus.captions import write_captioned
from nightreel.media.cues import Cue, read_cues
from nightreel.media.encoding.transcode import encode
from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.vocabulary.media import DecodeCheck
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


def _texts(source: Path, plan: Plan, folder: Path, binaries: Binaries) -> dict[str, list[Cue]]:
    """The cues of every text, by its label."""
    found = {}
    for job in (job for job in plan.jobs if job.kind == "text"):
        (name,) = job.renditions
        output = folder / f"{name}.vtt"
        timeout = TIMEOUT_SECONDS
        encode(job, plan, source, {name: output}, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=timeout)
        found[plan.rendition(name).label] = read_cues(output)
    return found


def _cues(source: Path, plan: Plan, folder: Path, binaries: Binaries) -> list[Cue]:
    (cues,) = _texts(source, plan, folder, binaries).values()
    return cues


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


def test_every_channel_becomes_subtitles_of_its_own(binaries: Binaries, tmp_path: Path) -> None:
    channels = {
        "CC1": {20: "Good evening", 45: ""},
        "CC2": {20: "Buenas tardes", 50: ""},
        "CC3": {30: "Bonsoir", 55: ""},
        "CC4": {30: "Guten Abend", 60: ""},
    }
    source = write_captioned(tmp_path / "source.mp4", channels, binaries.ffmpeg, programme=True)
    plan = _planned(source, binaries)
    assert plan.warnings == ()
    assert _texts(source, plan, tmp_path, binaries) == {
        "Closed captions": [Cue(800, 1800, "Good evening")],
        "Closed captions (CC2)": [Cue(800, 2000, "Buenas tardes")],
        "Closed captions (CC3)": [Cue(1200, 2200, "Bonsoir")],
        "Closed captions (CC4)": [Cue(1200, 2400, "Guten Abend")],
    }


def test_captions_between_the_samples_are_found(binaries: Binaries, tmp_path: Path) -> None:
    """Samples of a minute begin at 0:00, 0:11, 0:22 …, and last four seconds."""
    shown = {25 * 6: "Hello there", 25 * 8: ""}
    source = write_captioned(tmp_path / "source.mp4", shown, binaries.ffmpeg, frames=25 * 60)
    plan = _planned(source, binaries)
    assert _cues(source, plan, tmp_path, binaries) == [Cue(6000, 8000, "Hello there")]


def test_a_caption_that_nothing_clears_stands_to_the_end(binaries: Binaries, tmp_path: Path) -> None:
    source = write_captioned(tmp_path / "source.mp4", {25: "Goodbye"}, binaries.ffmpeg)
    plan = _planned(source, binaries)
    assert _cues(source, plan, tmp_path, binaries) == [Cue(1000, 3000, "Goodbye")]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg2video"])
def test_captions_are_read_of_every_codec_that_carries_them(
    binaries: Binaries, tmp_path: Path, codec: str
) -> None:
    """With pictures that are kept in another order than they are shown in."""
    captioned = write_captioned(tmp_path / "source.mp4", _SHOWN, binaries.ffmpeg)
    source = tmp_path / "coded.ts"
    command = [binaries.ffmpeg, "-v", "error", "-i", str(captioned), "-c:v", codec, "-bf", "2"]
    command += ["-a53cc", "1", "-x265-params", "log-level=error"] if codec == "libx265" else []
    subprocess.run([*command, str(source)], check=True, timeout=TIMEOUT_SECONDS)
    assert _cues(source, _planned(source, binaries), tmp_path, binaries) == _CUES


def test_captions_of_joined_recordings_run_on(binaries: Binaries, tmp_path: Path) -> None:
    captioned = write_captioned(tmp_path / "source.mp4", _SHOWN, binaries.ffmpeg)
    part = remuxed(captioned, tmp_path / "part.ts", binaries.ffmpeg)
    source = tmp_path / "joined.ts"
    source.write_bytes(part.read_bytes() * 2)
    plan = _planned(source, binaries)
    cues = _cues(source, plan, tmp_path, binaries)
    assert [cue.text for cue in cues] == [cue.text for cue in (*_CUES, *_CUES)]
    assert [cue.start for cue in cues] == pytest.approx([1000, 1600, 4000, 4600], abs=50)


@pytest.mark.parametrize("services", [(1,), (1, 2)])
def test_captions_of_the_newer_form_alone_are_told(
    binaries: Binaries, tmp_path: Path, services: tuple[int, ...]
) -> None:
    source = write_captioned(tmp_path / "source.mp4", {}, binaries.ffmpeg, services=services)
    plan = _planned(source, binaries)
    assert plan.text == ()
    (said,) = plan.warnings
    assert f"CTA-708 without CTA-608, services {', '.join(map(str, services))})" in said


def test_services_of_the_newer_form_beyond_those_of_the_older_are_told(
    binaries: Binaries, tmp_path: Path
) -> None:
    source = write_captioned(tmp_path / "one.mp4", _SHOWN, binaries.ffmpeg, services=(1,))
    assert _planned(source, binaries).warnings == ()
    source = write_captioned(tmp_path / "two.mp4", _SHOWN, binaries.ffmpeg, services=(1, 2))
    (said,) = _planned(source, binaries).warnings
    assert "services 1, 2 of CTA-708" in said
    assert "(CC1)" in said


def test_pages_of_text_are_told(binaries: Binaries, tmp_path: Path) -> None:
    channels = {"CC1": _SHOWN, "T2": {10: "http://nightreel.example"}}
    source = write_captioned(tmp_path / "source.mp4", channels, binaries.ffmpeg)
    plan = _planned(source, binaries)
    assert _cues(source, plan, tmp_path, binaries) == _CUES
    assert [said for said in plan.warnings if "pages of text (T2)" in said]
