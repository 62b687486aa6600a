from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from nightreel.media.encoding.transcode import encode, encode_command
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import EncodeJob
from nightreel.media.source import Colour
from tests.media import measure
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.encoded import SMALL, TIMEOUT_SECONDS, job_for, small_plan
from tests.media.sources import source

_STEPS = {"bwdif", "zscale", "tonemap"}
_ORDINARY = Colour(primaries="bt709", transfer="bt709", matrix="bt709")
_HDR = Colour(primaries="bt2020", transfer="smpte2084", matrix="bt2020nc")


def _planned(changes: dict[str, Any], options: PlanOptions | None = None) -> Plan:
    described = source((192, 108))
    described = described.model_copy(update={"video": described.video.model_copy(update=changes)})
    return build_plan(described, SMALL, options or PlanOptions())


def _graph(plan: Plan, job: EncodeJob) -> str:
    """The filters of a job."""
    outputs = {name: Path(f"{name}.mp4") for name in job.renditions}
    command = encode_command(job, plan, Path("in.mp4"), outputs, "ffmpeg")
    return command[command.index("-filter_complex") + 1]


def _best(changes: dict[str, Any], options: PlanOptions | None = None) -> str:
    """The filters that make the best rendition of a source."""
    plan = _planned(changes, options)
    return _graph(plan, job_for(plan, plan.video[-1].name))


@pytest.mark.parametrize(
    ("changes", "options", "steps"),
    [
        pytest.param({"colour": _ORDINARY}, PlanOptions(), set(), id="ordinary"),
        pytest.param({"colour": _ORDINARY, "interlaced": True}, PlanOptions(), {"bwdif"}, id="fields"),
        pytest.param(
            {"colour": _ORDINARY.model_copy(update={"range": "full"})}, PlanOptions(), {"zscale"}, id="full"
        ),
        pytest.param({"colour": _HDR}, PlanOptions(), {"zscale", "tonemap"}, id="HDR"),
        pytest.param({"colour": _HDR}, PlanOptions(hdr=True), set(), id="HDR for the HDR set"),
    ],
)
def test_every_step_is_taken_only_where_the_source_needs_it(
    changes: dict[str, Any], options: PlanOptions, steps: set[str]
) -> None:
    graph = _best(changes, options)
    assert {step for step in _STEPS if f"]{step}=" in graph} == steps
    # Frames of the picture's own size pass the one that fits others in.
    assert graph.count("]scale=flags=") == 1


@pytest.mark.parametrize(
    ("changes", "believed"),
    [
        ({}, "field_mode=prog"),
        ({"interlaced": True}, "field_mode=auto"),
        ({"interlaced": True, "field_order": "bff"}, "field_mode=bff"),
    ],
)
def test_frames_are_believed_about_fields_only_where_nothing_was_measured(
    changes: dict[str, Any], believed: str
) -> None:
    assert believed in _best(changes).partition("fps=")[0]


def test_a_smaller_rendition_is_scaled_from_the_next_larger_one_in_its_colours() -> None:
    plan = _planned({"colour": _HDR})
    (shared,) = (job for job in plan.jobs if job.kind == "video")
    graph = _graph(plan, shared)
    assert graph.count("]tonemap=") == 1
    larger, _, smaller = graph.partition("]split=2[")
    assert ("w=192" in larger, "w=96" in larger, "w=96" in smaller) == (True, False, True)


def test_renditions_in_sdr_are_not_made_of_those_in_hdr() -> None:
    plan = _planned({"colour": _HDR}, PlanOptions(hdr=True))
    names = tuple(item.name for item in plan.video)
    graph = _graph(plan, plan.jobs[0].model_copy(update={"renditions": names}))
    shared, _, each = graph.partition("]split=2[")
    assert "]scale=flags=" not in shared
    assert each.count("]tonemap=") == 1


def test_a_part_of_a_title_whose_picture_begins_off_the_grid_is_the_same_frames(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    clip = str(make_clip(Clip(picture="testsrc2=size=96x54:rate=25", seconds=2, sounds=(Sound(),))))
    late = remuxed(
        Path(clip),
        tmp_path / "late.mp4",
        binaries.ffmpeg,
        before=("-itsoffset", "0.213", "-i", clip),
        after=("-map", "-0:a", "-map", "-1:v", "-map", "1:a"),
    )
    ladder = Ladder(rungs=(Rung(height=54, video_bps=500_000, audio_bps=64_000, preset="ultrafast"),))
    plan = small_plan(late, binaries, ladder=ladder)
    assert plan.lead == pytest.approx(0.013, abs=0.001)
    whole = plan.jobs[0]
    part = whole.model_copy(update={"start_frame": 20, "end_frame": 40})
    seen = {}
    for name, job in (("whole", whole), ("part", part)):
        output = tmp_path / f"{name}.mp4"
        outputs = {job.renditions[0]: output}
        encode(job, plan, late, outputs, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS)
        seen[name] = measure.picture(output)
    assert seen["part"].times == tuple(Fraction(position, 25) for position in range(20))
    assert seen["part"].brightness == pytest.approx(seen["whole"].brightness[20:40], abs=0.5)
