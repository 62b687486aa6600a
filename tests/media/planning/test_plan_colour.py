from typing import Any

import pytest

from nightreel.errors import SourceRejected
from nightreel.media.planning.plan_colour import understood
from nightreel.media.source import Colour, VideoStream


def _video(colour: Colour, size: tuple[int, int] = (1920, 1080), **others: Any) -> VideoStream:
    return VideoStream(index=0, codec="hevc", width=size[0], height=size[1], colour=colour, **others)


@pytest.mark.parametrize(
    ("size", "primaries", "matrix"),
    [
        ((720, 576), "bt470bg", "smpte170m"),
        ((720, 480), "smpte170m", "smpte170m"),
        ((426, 240), "bt709", "smpte170m"),
        ((360, 640), "bt709", "smpte170m"),
        ((1280, 720), "bt709", "bt709"),
        ((720, 1280), "bt709", "bt709"),
        ((1280, 536), "bt709", "bt709"),
        ((3840, 2160), "bt709", "bt709"),
    ],
)
def test_a_picture_that_says_nothing_has_the_colours_usual_for_its_size(
    size: tuple[int, int], primaries: str, matrix: str
) -> None:
    meant = Colour(primaries=primaries, transfer="bt709", matrix=matrix)
    assert understood(_video(Colour(), size)) == (meant, ())


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_that_names_no_primaries_has_those_of_bt2020(transfer: str) -> None:
    colour, warnings = understood(_video(Colour(transfer=transfer)))
    assert (colour.primaries, colour.matrix, warnings) == ("bt2020", "bt2020nc", ())


def test_wide_colours_of_unknown_brightness_are_sdr_with_a_warning() -> None:
    colour, (warning,) = understood(_video(Colour(primaries="bt2020"), pixel_format="yuv420p10le"))
    assert (colour.dynamic_range, colour.matrix) == ("sdr", "bt2020nc")
    assert "taken as SDR" in warning
    assert "export it with its colour tags" in warning


@pytest.mark.parametrize(
    ("said", "part"),
    [(Colour(transfer="log316"), "log316"), (Colour(primaries="bt2020", matrix="bt2020c"), "bt2020c")],
)
def test_what_has_no_conversion_is_named_in_a_warning(said: Colour, part: str) -> None:
    colour, warnings = understood(_video(said))
    assert colour.dynamic_range == "sdr"
    assert any(part in warning for warning in warnings)


def test_colours_without_any_conversion_are_refused() -> None:
    with pytest.raises(SourceRejected, match=r"unknown_colours: .*ictcp"):
        understood(_video(Colour(matrix="ictcp", transfer="smpte2084", primaries="bt2020")))


def test_numbers_of_rgb_are_rgb_whatever_the_tag_says() -> None:
    colour, warnings = understood(_video(Colour(matrix="bt709"), pixel_format="gbrp"))
    assert (colour.matrix, warnings) == ("gbr", ())
