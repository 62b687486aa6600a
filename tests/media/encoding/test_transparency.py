"""What lies under transparent pixels is hidden, and hidden it stays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.clips import Clip
from tests.media.encoded import encode_best

_OWN_SIZE = Ladder(rungs=(Rung(height=64, video_bps=2_000_000, audio_bps=64_000, preset="ultrafast"),))
# A green that is not to be seen, a white of half the strength, a white.
_THIRDS = (
    "color=lime:size=192x64:rate=25,format=rgba,"
    "geq=r='if(lt(X,64),0,255)':g=255:b='if(lt(X,64),0,255)':a='if(lt(X,64),0,if(lt(X,128),128,255))'"
)
_CODINGS = {
    "ProRes 4444": (".mov", ("-c:v", "prores_ks", "-pix_fmt", "yuva444p10le")),
    "QuickTime Animation": (".mov", ("-c:v", "qtrle", "-pix_fmt", "argb")),
    "PNG": (".mov", ("-c:v", "png", "-pix_fmt", "rgba")),
    "VP9": (".webm", ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-deadline", "realtime")),
    "VP8": (".webm", ("-c:v", "libvpx", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0", "-b:v", "2M")),
    "FFV1": (".mkv", ("-c:v", "ffv1", "-pix_fmt", "yuva420p")),
}


@pytest.mark.parametrize(("suffix", "encoder"), _CODINGS.values(), ids=_CODINGS.keys())
def test_transparent_pixels_are_black_whatever_is_under_them(
    binaries: Binaries, tmp_path: Path, suffix: str, encoder: tuple[str, ...]
) -> None:
    source, output = tmp_path / f"source{suffix}", tmp_path / "output.mp4"
    replace(Clip(picture=_THIRDS, seconds=0.2), after=encoder).write(source, binaries.ffmpeg)
    plan = encode_best(source, output, binaries, _OWN_SIZE)
    assert sum("transparent" in warning for warning in plan.warnings) == 1
    seen = measure.picture(output).first
    for middle, level in ((32, 0), (96, 128), (160, 255)):
        part = seen[24:40, middle - 8 : middle + 8].reshape(-1, 3).mean(axis=0)
        assert np.abs(part - level).max() < 8, (middle, part)


def test_an_opaque_picture_is_not_called_transparent(binaries: Binaries, tmp_path: Path) -> None:
    source, output = tmp_path / "source.mov", tmp_path / "output.mp4"
    opaque = Clip(picture="color=lime:size=192x64:rate=25", seconds=0.2)
    replace(opaque, after=("-c:v", "qtrle", "-pix_fmt", "rgb24")).write(source, binaries.ffmpeg)
    told = encode_best(source, output, binaries, _OWN_SIZE).warnings
    assert not any("transparent" in warning for warning in told)
