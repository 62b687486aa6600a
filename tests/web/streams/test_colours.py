"""A source that is streamed on the fly looks as it was meant, whatever its colours are coded in."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.media import charts
from tests.media.charts import Coding, hevc
from tests.media.clips import Clip
from tests.web.streams.servers import Host, Page
from tests.web.streams.test_playing import probed

HDR = Coding(pixel_format="yuv420p10le", matrix="bt2020nc", primaries="bt2020", encoder=hevc())
CODINGS = {
    "BT.709": (Coding(), 1.0),
    "full range BT.601": (Coding(matrix="smpte170m", full_range=True), 1.0),
    "untagged": (Coding(matrix="smpte170m", said="nowhere"), 1.0),
    "PQ": (replace(HDR, transfer="smpte2084"), 1.6),
    "HLG": (replace(HDR, transfer="arib-std-b67"), 2.8),
}


@pytest.mark.parametrize(("coding", "limit"), CODINGS.values(), ids=CODINGS)
def test_colours_are_those_of_a_release(
    viewer: httpx.Client, host: Host, tmp_path: Path, ffmpeg: str, coding: Coding, limit: float
) -> None:
    source = charts.write_chart(coding, tmp_path / "chart.mp4", ffmpeg)
    host.pages["/chart.mp4"] = Page(source.read_bytes(), headers={"Accept-Ranges": "bytes"})
    answer = viewer.get("/api/stream/mp4", params={"url": f"{host.url}/chart.mp4"})
    assert answer.status_code == 200, answer.text
    streamed = tmp_path / "streamed.mp4"
    streamed.write_bytes(answer.content)
    assert charts.differences(charts.shown(streamed)).mean() < limit
    (told,) = probed(streamed, "-show_streams")["streams"]
    assert told["color_range"] == "tv"
    assert [told[name] for name in ("color_primaries", "color_transfer", "color_space")] == ["bt709"] * 3


def test_colours_that_nothing_can_convert_are_refused_in_words(
    viewer: httpx.Client, host: Host, tmp_path: Path, ffmpeg: str
) -> None:
    clip = Clip(seconds=0.5, after=("-x264-params", "colormatrix=ICtCp"))
    source = clip.write(tmp_path / "ictcp.mp4", ffmpeg)
    host.pages["/ictcp.mp4"] = Page(source.read_bytes(), headers={"Accept-Ranges": "bytes"})
    for path in ("/api/stream/mp4", "/api/stream/hls"):
        answer = viewer.get(path, params={"url": f"{host.url}/ictcp.mp4"})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_colours")
        assert "ictcp" in answer.json()["detail"]
