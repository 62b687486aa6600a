import html
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.cues import Cue, read_cues
from nightreel.media.encoding.subtitles import cue_text
from nightreel.media.inspection.probe import probe
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.clips import remuxed
from tests.media.encoded import encode_all
from tests.media.tracks import encode_tracks, planned, write

_SRT = """1
00:00:00,500 --> 00:00:01,000
Tom & Jerry <i>run</i>

2
00:00:01,200 --> 00:00:09,000
Zwei
Zeilen
"""
_ASS = r"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,Arial,16,&Hffffff,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.50,0:00:01.00,Default,,0,0,0,,{\an8\pos(10,20)}Tom & Jerry {\i1}run{\i0}
Dialogue: 0,0:00:01.20,0:00:09.00,Default,,0,0,0,,Zwei\NZeilen
Dialogue: 0,0:00:01.20,0:00:09.00,Default,,0,0,0,,{\p1}m 0 0 l 100 0 100 100{\p0}
"""
_VTT = "WEBVTT\n\n" + _SRT.replace(",", ".").replace(" & ", " &amp; ")
_TWO_CUES = [Cue(500, 1000, "Tom &amp; Jerry <i>run</i>"), Cue(1200, 9000, "Zwei\nZeilen")]

ReadBack = Callable[..., list[Cue]]


@pytest.fixture
def read_back(binaries: Binaries, tmp_path: Path) -> ReadBack:
    """The cues of a title made of a text in `name`'s format, as a track of a container."""

    def make(name: str, content: str | bytes, codec: str, container: str = "mkv") -> list[Cue]:
        given = tmp_path / name
        given.write_bytes(content if isinstance(content, bytes) else content.encode())
        source = write(tmp_path / f"a.{container}", binaries.ffmpeg, 2.0, str(given), options=("-c:s", codec))
        (path,) = encode_tracks(planned(source, binaries), source, tmp_path, binaries).values()
        return read_cues(path)

    return make


@pytest.mark.parametrize(
    ("name", "content", "codec", "container"),
    [
        ("a.srt", _SRT, "mov_text", "mp4"),
        ("a.srt", _SRT, "mov_text", "mov"),
        ("a.srt", _SRT, "subrip", "mkv"),
        ("a.vtt", _VTT, "webvtt", "mkv"),
    ],
)
@pytest.mark.rule("5.2")
def test_text_of_every_format_becomes_webvtt(
    read_back: ReadBack, name: str, content: str, codec: str, container: str
) -> None:
    found = read_back(name, content, codec, container)
    assert [(cue.start, cue.text) for cue in found] == [(cue.start, cue.text) for cue in _TWO_CUES]
    assert found[0].end == 1000
    assert found[1].end >= 2000


def test_ass_becomes_webvtt_without_its_effects_and_drawings(read_back: ReadBack) -> None:
    found = read_back("a.ass", _ASS, "copy")
    assert [cue.text for cue in found] == [cue.text for cue in _TWO_CUES]
    assert [cue.settings for cue in found] == ["line:0", ""]


def test_bytes_that_are_no_utf_8_are_replaced(read_back: ReadBack) -> None:
    latin = "1\n00:00:00,500 --> 00:00:01,000\nCafé noir\n".encode("latin-1")
    # As whoever muxed it: as it is.
    (cue,) = read_back("a.srt", latin, "copy")
    assert cue.text == "Caf\N{REPLACEMENT CHARACTER} noir"


def test_a_track_is_known_with_its_language_and_whether_it_is_forced(
    binaries: Binaries, tmp_path: Path
) -> None:
    (tmp_path / "a.srt").write_text(_SRT)
    said = ("-metadata:s:s:0", "language=fre", "-disposition:s:0", "default+forced")
    source = write(
        tmp_path / "a.mkv", binaries.ffmpeg, 1.0, str(tmp_path / "a.srt"), options=("-c:s", "srt", *said)
    )
    (track,) = probe(source, binaries.ffprobe).text
    assert (track.codec, track.language, track.default, track.forced) == ("subrip", "fr", True, True)
    assert probe(source, binaries.ffprobe).warnings == ()


@pytest.fixture(scope="module")
def flash(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """White from second 1 on, and a text that says so at the same moment."""
    folder = tmp_path_factory.mktemp("flash")
    (folder / "a.srt").write_text("1\n00:00:01,000 --> 00:00:01,800\nWhite\n")
    command = [binaries.ffmpeg, "-v", "error", "-f", "lavfi", "-t", "2", "-i"]
    command += ["color=black:size=192x108:rate=25,drawbox=c=white:t=fill:enable='gte(t,1)'"]
    command += ["-i", str(folder / "a.srt"), "-c:v", "libx264", "-preset", "ultrafast", "-g", "10"]
    subprocess.run([*command, "-c:s", "mov_text", str(folder / "a.mp4")], check=True, timeout=60)
    return folder / "a.mp4"


@pytest.mark.parametrize(
    ("container", "before"),
    [
        pytest.param("mp4", (), id="as it is"),
        pytest.param("mp4", ("-ss", "0.4"), id="edit list that begins within a text"),
        pytest.param("mp4", ("-itsoffset", "-0.6"), id="negative start"),
        pytest.param("mp4", ("-itsoffset", "3"), id="late start"),
        pytest.param("mkv", ("-itsoffset", "3"), id="late start in matroska"),
    ],
)
def test_a_text_is_shown_at_the_moment_of_its_picture(
    flash: Path, binaries: Binaries, tmp_path: Path, container: str, before: tuple[str, ...]
) -> None:
    codec = ("-c:s", "srt") if container == "mkv" else ()
    options = ("-avoid_negative_ts", "disabled", *codec)
    source = remuxed(flash, tmp_path / f"a.{container}", binaries.ffmpeg, before=before, after=options)
    encoded = encode_all(source, tmp_path, binaries)
    shown = measure.picture(encoded.pictures[0])
    white = next(float(at) for at, light in zip(shown.times, shown.brightness, strict=True) if light > 128)
    (cue,) = read_cues(encoded.files["subs_und"])
    # The picture is on a grid of 40 ms.
    assert cue.start / 1000 == pytest.approx(white, abs=0.020)


@pytest.mark.parametrize(
    ("ass", "webvtt"),
    [
        ("Hello", "Hello"),
        (r"One\NTwo\nThree", "One\nTwo\nThree"),
        (r"One\N\NTwo\N", "One\nTwo"),
        (r"{\i1}all {\b1}both{\i0} bold{\b0} none", "<i>all </i><b><i>both</i></b><b> bold</b> none"),
        (r"{\b700}heavy{\r}plain", "<b>heavy</b>plain"),
        (r"{\i1}on{\rOther}off", "<i>on</i>off"),
        (r"{\blur2\bord1\iclip(1,2,3,4)\pos(1,2)\u0}plain", "plain"),
        (r"{\k20}ka{\k30}ra", "kara"),
        (r"{\p1}m 0 0 l 1 1{\p0}after", "after"),
        (r"{\p2}m 0 0 l 1 1", ""),
        ("a < b --> c & d", "a &lt; b --&gt; c &amp; d"),
        (r"set \{x\}", "set {x}"),
        (r"non\hbreaking", "non\N{NO-BREAK SPACE}breaking"),
        ("open { brace", "open { brace"),
        ("nul\0bell\7", "nulbell"),
        ("", ""),
    ],
)
def test_the_text_of_a_cue(ass: str, webvtt: str) -> None:
    assert cue_text(ass) == webvtt


@given(st.text(st.characters(codec="utf-8", exclude_characters="\\{}")))
def test_plain_text_is_kept_but_for_empty_lines_and_control_characters(text: str) -> None:
    made = cue_text(text)
    assert "-->" not in made
    assert "\n\n" not in made
    assert not re.search("[<>]", made)
    kept = re.sub("[\x00-\x09\x0b-\x1f]", "", re.sub("[\r\n\u2028\u2029]+", "\n", text))
    lines = [line.strip() for line in kept.split("\n")]
    assert html.unescape(made) == html.unescape("\n".join(html.escape(line, False) for line in lines if line))


@given(st.text())
def test_of_any_text_a_cue_can_be_made(ass: str) -> None:
    for line in cue_text(ass).split("\n"):
        assert "-->" not in line
        assert line == line.strip()
