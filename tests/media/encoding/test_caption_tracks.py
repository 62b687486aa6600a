"""Closed captions in tracks of their own, as QuickTime has them (`c608`), become subtitles."""

import subprocess
from pathlib import Path

from corpus.captions import said_by, write_captioned, write_with_tracks
from nightreel.media.cues import Cue, read_cues
from nightreel.media.inspection.inspect import inspect
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from tests.media.encoded import SMALL
from tests.media.tracks import encode_tracks

_FRAMES = 75
_ENGLISH = {25: "Hello there", 40: "a <b> & c", 60: ""}
_SPANISH = {20: "Buenas tardes", 50: ""}
_CUES = [
    Cue(1000, 1600, "Hello there"),
    Cue(1600, 2400, "a &lt;b&gt; &amp; c"),
]
_CUES_IN_SPANISH = [Cue(800, 2000, "Buenas tardes")]
_SCC = """Scenarist_SCC V1.0

00:00:01:00\t9420 9420 9470 9470 c8e5 ecec ef80 942f 942f

00:00:02:00\t942c 942c

00:00:02:20\t942c 942c
"""
"""FFmpeg takes the last line for the end of the one before."""


def _silent(folder: Path, ffmpeg: str) -> Path:
    """A picture that carries nothing."""
    return write_captioned(folder / "picture.mp4", {}, ffmpeg, frames=_FRAMES)


def _planned(source: Path, binaries: Binaries) -> Plan:
    described = inspect(source, binaries, decode_check="off", damage_tolerance=0.01)
    return build_plan(described, SMALL, PlanOptions())


def _texts(source: Path, plan: Plan, folder: Path, binaries: Binaries) -> dict[tuple[str, str], list[Cue]]:
    """The cues of every text, by its language and its label."""
    files = encode_tracks(plan, source, folder, binaries)
    return {(text.language, text.label): read_cues(files[text.name]) for text in plan.text}


def test_captions_in_a_track_become_subtitles_in_its_language(binaries: Binaries, tmp_path: Path) -> None:
    picture = _silent(tmp_path, binaries.ffmpeg)
    tracks = {"eng": said_by({"CC1": _ENGLISH}, _FRAMES), "spa": said_by({"CC1": _SPANISH}, _FRAMES)}
    source = write_with_tracks(tmp_path / "source.mov", picture, tracks, binaries.ffmpeg)
    plan = _planned(source, binaries)
    assert plan.warnings == ()
    assert not any(text.default for text in plan.text)
    assert _texts(source, plan, tmp_path, binaries) == {
        ("en", "English (CC)"): _CUES,
        ("es", "Español (CC)"): _CUES_IN_SPANISH,
    }


def test_a_second_channel_of_a_track_is_a_text_whose_language_nobody_knows(
    binaries: Binaries, tmp_path: Path
) -> None:
    picture = _silent(tmp_path, binaries.ffmpeg)
    tracks = {"eng": said_by({"CC1": _ENGLISH, "CC2": _SPANISH}, _FRAMES)}
    source = write_with_tracks(tmp_path / "source.mov", picture, tracks, binaries.ffmpeg)
    plan = _planned(source, binaries)
    assert plan.warnings == ()
    assert _texts(source, plan, tmp_path, binaries) == {
        ("en", "English (CC)"): _CUES,
        ("und", "Closed captions (CC2)"): _CUES_IN_SPANISH,
    }


def test_captions_of_the_second_field_are_read(binaries: Binaries, tmp_path: Path) -> None:
    picture = _silent(tmp_path, binaries.ffmpeg)
    tracks = {"eng": said_by({"CC1": _ENGLISH}, _FRAMES)}
    source = write_with_tracks(tmp_path / "source.mov", picture, tracks, binaries.ffmpeg)
    source.write_bytes(source.read_bytes().replace(b"cdat", b"cdt2"))
    plan = _planned(source, binaries)
    assert [text.channel for text in plan.text] == ["CC3"]
    assert _texts(source, plan, tmp_path, binaries) == {("en", "English (CC)"): _CUES}


def test_captions_of_a_track_stand_beside_those_of_the_picture(binaries: Binaries, tmp_path: Path) -> None:
    picture = write_captioned(tmp_path / "picture.mp4", _SPANISH, binaries.ffmpeg, frames=_FRAMES)
    tracks = {"eng": said_by({"CC1": _ENGLISH}, _FRAMES)}
    source = write_with_tracks(tmp_path / "source.mov", picture, tracks, binaries.ffmpeg)
    plan = _planned(source, binaries)
    assert _texts(source, plan, tmp_path, binaries) == {
        ("en", "English (CC)"): _CUES,
        ("und", "Closed captions"): _CUES_IN_SPANISH,
    }


def test_a_track_that_was_copied_of_a_file_of_captions_is_read(binaries: Binaries, tmp_path: Path) -> None:
    """Such a track has all of a caption in one sample."""
    picture, captions = _silent(tmp_path, binaries.ffmpeg), tmp_path / "captions.scc"
    captions.write_text(_SCC)
    source = tmp_path / "source.mov"
    command = [binaries.ffmpeg, "-v", "error", "-i", str(picture), "-i", str(captions)]
    subprocess.run([*command, "-map", "0", "-map", "1", "-c", "copy", str(source)], check=True, timeout=60)
    plan = _planned(source, binaries)
    ((cue,),) = _texts(source, plan, tmp_path, binaries).values()
    assert (cue.text, round(cue.start, -2), round(cue.end, -2)) == ("Hello", 1000, 2000)


def test_captions_in_a_track_are_timed_from_the_start_of_the_title(
    binaries: Binaries, tmp_path: Path
) -> None:
    picture = _silent(tmp_path, binaries.ffmpeg)
    tracks = {"eng": said_by({"CC1": _ENGLISH}, _FRAMES)}
    whole = write_with_tracks(tmp_path / "whole.mov", picture, tracks, binaries.ffmpeg)
    source = tmp_path / "source.mov"
    # The picture goes on from its keyframe; an edit list hides what is before.
    command = [binaries.ffmpeg, "-v", "error", "-ss", "0.48", "-i", str(whole), "-map", "0"]
    subprocess.run([*command, "-c", "copy", str(source)], check=True, timeout=60)
    plan = _planned(source, binaries)
    ((first, _),) = _texts(source, plan, tmp_path, binaries).values()
    assert abs(first.start - 520) <= 20


def test_a_track_that_says_nothing_is_told(binaries: Binaries, tmp_path: Path) -> None:
    picture = _silent(tmp_path, binaries.ffmpeg)
    tracks = {"eng": said_by({}, _FRAMES), "spa": said_by({"CC1": _SPANISH}, _FRAMES)}
    source = write_with_tracks(tmp_path / "source.mov", picture, tracks, binaries.ffmpeg)
    plan = _planned(source, binaries)
    assert [text.language for text in plan.text] == ["es"]
    assert plan.warnings == (
        "The subtitles in track 1 (English) hold no closed captions that can be read; they were left out.",
    )


def test_pages_of_text_in_a_track_are_told(binaries: Binaries, tmp_path: Path) -> None:
    picture = _silent(tmp_path, binaries.ffmpeg)
    tracks = {"eng": said_by({"CC1": _ENGLISH, "T2": {10: "http://nightreel.example"}}, _FRAMES)}
    source = write_with_tracks(tmp_path / "source.mov", picture, tracks, binaries.ffmpeg)
    plan = _planned(source, binaries)
    assert _texts(source, plan, tmp_path, binaries) == {("en", "English (CC)"): _CUES}
    assert plan.warnings == ("Track 1 carries pages of text (T2) beside its captions; they were left out.",)
