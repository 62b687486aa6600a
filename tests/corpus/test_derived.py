"""Every derived case ends as it should: the whole way, from the probe to the gate."""

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from corpus.cases import Case
from corpus.derived import derive
from corpus.outcome import Outcome, Way, convert
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import Plan, PlanOptions
from nightreel.media.programs.binaries import find_binaries
from nightreel.places import PROJECT_ROOT

_CLIPS = Path(os.environ.get("NIGHTREEL_CLIPS", PROJECT_ROOT.parent / "shared" / "clips"))
_BASE = _CLIPS / "world_480x270_30s_stereo.mp4"
_LADDER = Ladder(rungs=(Rung(height=272, video_bps=400_000, audio_bps=96_000),))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """From a real clip where there is one, else from a generated picture."""
    folder = tmp_path_factory.mktemp("derived")
    binaries = find_binaries()
    way = Way(binaries, _LADDER, PlanOptions(preset="ultrafast", loudness_lufs=-23.0))

    def converted(case: Case) -> Outcome:
        place = folder / case.name
        place.mkdir()
        return convert(case, way, place, lambda step: None)

    cases = derive(folder / "sources", binaries.ffmpeg, _BASE if _BASE.is_file() else None)
    return {case.name: converted(case) for case in cases}


def test_every_case_ends_as_expected(outcomes: dict[str, Outcome]) -> None:
    wrong = {name: (o.state, o.code, o.reason) for name, o in outcomes.items() if not o.as_expected}
    assert wrong == {}


_SHOWN: dict[str, Callable[[Plan], object]] = {
    "derived_interlaced": lambda plan: plan.deinterlace is True,
    "derived_interlaced_unflagged": lambda plan: plan.deinterlace is True,
    "derived_mov": lambda plan: plan.deinterlace is False,
    "derived_odd_size": lambda plan: (
        (plan.video[-1].width, plan.video[-1].height) == (332, 272)
        and ["finer (4:4:4)" in said for said in plan.warnings] == [True]
    ),
    "derived_59_94": lambda plan: plan.frame_rate == Fraction(60000, 1001),
    "derived_120": lambda plan: plan.frame_rate == 60,
    "derived_rotated_270": lambda plan: (plan.video[-1].width, plan.video[-1].height) == (272, 480),
    "derived_full_range": lambda plan: plan.colour.range == "full",
    "derived_pq": lambda plan: plan.colour.dynamic_range == "pq",
    "derived_pq_mkv": lambda plan: plan.colour.dynamic_range == "pq",
    "derived_mkv_two_languages": lambda plan: (
        [item.language for item in plan.audio] == ["en", "fr"]
        and [item.language for item in plan.text] == ["de"]
    ),
    "derived_field_pictures": lambda plan: (
        (plan.deinterlace, plan.frame_rate, plan.video[-1].height) == (True, 30, 272)
    ),
    "derived_field_coded": lambda plan: (plan.frame_rate, plan.deinterlace) == (50, True),
    "derived_coarse_chroma": lambda plan: plan.video[-1].width % 4 == 2,
    "derived_transparent": lambda plan: "transparent" in " ".join(plan.warnings),
    "derived_transparent_vp9": lambda plan: "transparent" in " ".join(plan.warnings),
    "derived_captions": lambda plan: [item.label for item in plan.text] == ["Closed captions"],
    "derived_captions_of_channels": lambda plan: (
        [item.channel for item in plan.text] == ["CC1", "CC2", "CC3"]
        and "services 1, 2, 3, 4" in " ".join(plan.warnings)
    ),
    "derived_captions_in_tracks": lambda plan: [item.language for item in plan.text] == ["en", "es"],
    "derived_all_around": lambda plan: "a 360° one" in plan.warnings[0],
    "derived_surround": lambda plan: [item.channels for item in plan.audio] == [2, 6],
    "derived_one_frame": lambda plan: plan.frames == 1,
    "derived_disabled_picture": lambda plan: plan.video_stream == 0 and "track 2" in plan.warnings[0],
    "derived_stereo": lambda plan: "stereo (side by side)" in plan.warnings[0],
    "derived_joined_turned": lambda plan: (
        abs(plan.frames - 180) <= 3 and [said.split()[1] for said in plan.warnings] == ["times", "picture"]
    ),
    "derived_six_mono": lambda plan: [item.channels for item in plan.audio] == [2, 6],
}


@pytest.mark.parametrize("name", _SHOWN)
def test_a_case_has_what_it_was_derived_for(outcomes: dict[str, Outcome], name: str) -> None:
    plan = outcomes[name].plan
    assert plan is not None, outcomes[name].reason
    assert _SHOWN[name](plan), plan


_REFUSED = {
    "derived_dolby_vision_5": "Dolby Vision profile 5",
    "derived_empty": "empty",
    "derived_web_page": "web page",
    "derived_playlist": "playlist",
    "derived_concat": "list of files",
    "derived_compressed_index": "compressed (cmov)",
    "derived_cut_index": "cut off",
    "derived_joined_mp4": "joined byte by byte",
    "derived_scrambled": "decoded",
}


@pytest.mark.parametrize("name", _REFUSED)
def test_a_damaged_case_is_refused_with_a_sentence_that_names_the_damage(
    outcomes: dict[str, Outcome], name: str
) -> None:
    assert _REFUSED[name] in outcomes[name].reason
