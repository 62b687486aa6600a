from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.renditions import VideoRendition
from nightreel.media.source import Colour, SourceProbe
from nightreel.vocabulary.media import VideoCodec
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import source, sources

CODECS: tuple[VideoCodec, ...] = ("h264", "hevc", "av1")
PQ = Colour(primaries="bt2020", transfer="smpte2084", matrix="bt2020nc")
HLG = PQ.model_copy(update={"transfer": "arib-std-b67"})

codecs = st.sampled_from([("h264",), ("h264", "hevc"), ("h264", "av1"), ("h264", "av1", "hevc")])


def _plan(described: SourceProbe, codecs: tuple[VideoCodec, ...] = CODECS, *, hdr: bool = False) -> Plan:
    return build_plan(described, SHIPPED, PlanOptions(codecs=codecs, hdr=hdr))


def _in(described: SourceProbe, colour: Colour) -> SourceProbe:
    return described.model_copy(update={"video": described.video.model_copy(update={"colour": colour})})


def _sizes(renditions: Iterable[VideoRendition]) -> list[tuple[int, int]]:
    return [(item.width, item.height) for item in renditions]


def _set(plan: Plan, codec: VideoCodec, dynamic_range: str = "sdr") -> list[VideoRendition]:
    return [item for item in plan.video if (item.codec, item.dynamic_range) == (codec, dynamic_range)]


@given(sources, codecs, st.sampled_from([Colour(), PQ, HLG]), st.booleans())
@pytest.mark.rule("1.23")
def test_every_codec_has_every_size_that_it_can_make(
    described: SourceProbe, chosen: tuple[VideoCodec, ...], colour: Colour, hdr: bool
) -> None:
    plan = _plan(_in(described, colour), chosen, hdr=hdr)
    everything = _sizes(_set(plan, "h264"))
    assert everything
    assert everything == sorted(everything)
    for codec in chosen:
        assert _sizes(_set(plan, codec)) == [
            size for size in everything if codec == "h264" or min(size) >= 16
        ]


@given(sources, codecs, st.sampled_from([Colour(), PQ, HLG]), st.booleans())
@pytest.mark.rule("1.12", "6.14")
def test_no_name_is_used_twice_and_h264_comes_first(
    described: SourceProbe, chosen: tuple[VideoCodec, ...], colour: Colour, hdr: bool
) -> None:
    plan = _plan(_in(described, colour), chosen, hdr=hdr)
    names = [item.name for item in plan.video]
    assert len(set(names)) == len(names)
    order = [item.codec for item in plan.video]
    assert order[: order.count("h264")] == ["h264"] * order.count("h264")


@given(sources)
def test_a_newer_codec_needs_a_lower_rate_for_the_same_size(described: SourceProbe) -> None:
    plan = _plan(described)
    rates = {codec: {size: item for item in _set(plan, codec) for size in _sizes([item])} for codec in CODECS}
    for size, item in rates["hevc"].items():
        assert rates["av1"][size].video_bps < item.video_bps < rates["h264"][size].video_bps


@given(sources)
def test_the_cap_of_every_codec_is_at_most_twice_its_average(described: SourceProbe) -> None:
    for item in _plan(described).video:
        assert item.video_bps <= item.maxrate_bps <= 2 * item.video_bps


@pytest.mark.parametrize(("colour", "dynamic_range"), [(PQ, "pq"), (HLG, "hlg")])
@pytest.mark.rule("1.24", "6.16")
def test_an_hdr_source_gets_a_set_that_keeps_its_range_beside_the_sdr_one(
    colour: Colour, dynamic_range: str
) -> None:
    plan = _plan(_in(source((640, 360)), colour), ("h264",), hdr=True)
    assert [item.name for item in plan.video] == ["240p", "360p", "hdr_240p", "hdr_360p"]
    assert [item.dynamic_range for item in plan.video] == ["sdr", "sdr", dynamic_range, dynamic_range]
    assert {item.codec for item in plan.video[2:]} == {"hevc"}


def test_there_is_no_hdr_set_of_an_sdr_source() -> None:
    assert [item.name for item in _plan(source((640, 360)), ("h264",), hdr=True).video] == ["240p", "360p"]


def test_there_is_no_hdr_set_that_was_not_asked_for() -> None:
    plan = _plan(_in(source((640, 360)), PQ), ("h264",))
    assert [item.name for item in plan.video] == ["240p", "360p"]


def _of_format(described: SourceProbe, pixel_format: str) -> SourceProbe:
    video = described.video.model_copy(update={"pixel_format": pixel_format})
    return described.model_copy(update={"video": video})


@pytest.mark.parametrize(
    ("pixel_format", "had", "shown"),
    [
        ("yuv420p10le", "10 bits", "8 bits"),
        ("p010le", "10 bits", "8 bits"),
        ("gray12le", "12 bits", "8 bits"),
        ("yuv422p", "4:2:2", "4:2:0"),
        ("yuyv422", "4:2:2", "4:2:0"),
        ("yuv440p", "4:4:0", "4:2:0"),
        ("yuvj444p", "4:4:4", "4:2:0"),
        ("rgb24", "4:4:4", "4:2:0"),
        ("pal8", "4:4:4", "4:2:0"),
        ("yuv422p10le", "10 bits, 4:2:2", "8 bits, 4:2:0"),
        ("yuva444p12le", "12 bits, 4:4:4", "8 bits, 4:2:0"),
    ],
)
def test_colours_that_are_finer_than_any_rendition_holds_are_told(
    pixel_format: str, had: str, shown: str
) -> None:
    (told,) = _plan(_of_format(source((640, 360)), pixel_format)).warnings
    assert told == f"The picture's colours are finer ({had}) than those that viewers get ({shown})."


@pytest.mark.parametrize(
    "pixel_format", ["", "yuv420p", "yuvj420p", "nv12", "yuv411p", "yuv410p", "gray", "monob", "nothing"]
)
def test_nothing_is_told_of_colours_that_are_no_finer(pixel_format: str) -> None:
    assert _plan(_of_format(source((640, 360)), pixel_format)).warnings == ()


@pytest.mark.parametrize(
    ("pixel_format", "told"),
    [
        ("yuv420p10le", ()),
        ("yuv422p10le", ("finer (4:2:2) than those that viewers get (4:2:0)",)),
        ("yuv420p12le", ("finer (12 bits) than those that viewers get (10 bits)",)),
    ],
)
def test_what_the_hdr_set_keeps_is_not_told(pixel_format: str, told: tuple[str, ...]) -> None:
    described = _of_format(_in(source((640, 360)), PQ), pixel_format)
    plan = _plan(described, ("h264",), hdr=True)
    assert len(plan.warnings) == len(told)
    assert all(part in said for part, said in zip(told, plan.warnings, strict=True))


def test_of_hdr_that_is_shown_in_sdr_only_that_is_told() -> None:
    (told,) = _plan(_of_format(_in(source((640, 360)), PQ), "yuv420p10le")).warnings
    assert told.startswith("The picture is HDR (PQ), and is shown in SDR.")


def test_wide_colours_and_their_fineness_are_told_each() -> None:
    wide = _of_format(_in(source((640, 360)), Colour(primaries="bt2020", matrix="bt2020nc")), "yuv420p10le")
    vivid, finer = _plan(wide).warnings[-2:]
    assert vivid.startswith("The picture's colours are those of BT.2020")
    assert finer.startswith("The picture's colours are finer (10 bits)")
