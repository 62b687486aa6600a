"""What a title gets whose picture is copied: first, and in the end."""

from fractions import Fraction
from typing import Any

import pytest

from nightreel.media.coded_picture import CodedPicture
from nightreel.media.planning.copied import copied_rendition, encoded_instead, first_copy, with_copy
from nightreel.media.planning.grid import Grid
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.renditions import VideoRendition
from nightreel.media.source import AudioStream, Colour, SourceProbe, VideoStream

LADDER = Ladder(
    rungs=tuple(Rung(height=lines, video_bps=lines * 4000, audio_bps=128_000) for lines in (360, 720, 1080))
)
GRID = Grid(Fraction(25), 250, (0, 60, 150), (0, 150))
CAP_BPS = 1080 * 4000 * 1.1
SDR = Colour()
PQ = Colour(primaries="bt2020", transfer="smpte2084", matrix="bt2020nc")


def source_of(
    codec: str, *, peak_bps: float = CAP_BPS / 2, lines: int = 1080, colour: Colour = SDR
) -> SourceProbe:
    video = VideoStream(index=0, codec=codec, width=lines * 8 // 9 * 2, height=lines, colour=colour)
    coded = CodedPicture(
        profile=1, level=40, fields_allowed=False, sets={}, sets_change=False, width=video.width,
        height=lines, frames=250, keyframes=GRID.keyframes, peak_bps=int(peak_bps),
    )  # fmt: skip
    sound = AudioStream(index=1, codec="aac", channels=2, sample_rate=48_000)
    return SourceProbe(
        container="mov", size_bytes=10**7, video=video, audio=(sound,), duration=10, frames=250, coded=coded
    )


def planned(source: SourceProbe, **options: Any) -> tuple[Plan, VideoRendition]:
    """The plan without a copy, and the copy."""
    whole = build_plan(source, LADDER, PlanOptions(**options), GRID)
    return whole, copied_rendition(source, whole)


def pictures(plan: Plan) -> list[str]:
    return [item.name for item in plan.video]


def labels(plan: Plan) -> list[str]:
    return [job.label for job in plan.jobs]


def test_a_copy_that_every_player_decodes_is_alone_in_the_first_release() -> None:
    whole, copied = planned(source_of("h264"), codecs=("h264", "hevc"))
    first = first_copy(whole, copied, 720)
    assert (pictures(first), labels(first)) == (["1080p"], ["1080p", "audio und"])


@pytest.mark.parametrize(("colour", "name"), [(SDR, "hevc_1080p"), (PQ, "hdr_1080p")], ids=["SDR", "HDR"])
def test_beside_any_other_copy_a_first_release_has_the_rendition_that_it_would_have_without_one(
    colour: Colour, name: str
) -> None:
    whole, copied = planned(source_of("hevc", colour=colour), codecs=("h264", "hevc"), hdr=True)
    first = first_copy(whole, copied, 720)
    assert pictures(first) == ["720p", name]
    assert [item.copied for item in first.video] == [False, True]
    assert labels(first) == [name.replace("_", " "), "720p", "audio und"]


@pytest.mark.parametrize(
    ("source", "best"),
    [
        (source_of("hevc", peak_bps=0.65 * CAP_BPS * 1.49), True),
        (source_of("hevc", peak_bps=0.65 * CAP_BPS * 1.51), False),
        (source_of("hevc", lines=1190), True),
        (source_of("hevc", lines=1210), False),
    ],
    ids=["just below 1.5 times the cap", "just above", "just below a ninth more lines", "just above"],
)
def test_a_copy_stays_if_it_is_about_like_the_best_rendition_of_its_set(
    source: SourceProbe, *, best: bool
) -> None:
    whole, copied = planned(source, codecs=("h264", "hevc", "av1"))
    complete = with_copy(whole, copied)
    assert (copied in complete.video) is best
    assert len(complete.video) == len(whole.video)
    assert [item for item in complete.video if item.codec != "hevc"] == [
        item for item in whole.video if item.codec != "hevc"
    ]


def test_a_copy_does_not_stay_where_titles_no_longer_get_its_set() -> None:
    _, copied = planned(source_of("hevc"), codecs=("h264", "hevc"))
    whole, _ = planned(source_of("h264"))
    assert with_copy(whole, copied) is whole


def test_what_is_encoded_instead_is_of_the_same_set_and_size_on_the_same_grid() -> None:
    whole, copied = planned(source_of("hevc", lines=1100), codecs=("h264", "hevc"))
    first = first_copy(whole, copied, 720)
    instead = encoded_instead(first, {copied.name})
    assert instead.grid == first.grid == GRID
    encoded = instead.rendition("hevc_1100p")
    assert isinstance(encoded, VideoRendition)
    assert (encoded.codec, encoded.width, encoded.height, encoded.copied) == ("hevc", 1954, 1100, False)
    assert encoded.maxrate_bps < CAP_BPS
