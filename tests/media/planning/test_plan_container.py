import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.source import SourceProbe
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import sound, source, sources

EVERYTHING = PlanOptions(container="ts", codecs=("h264", "hevc", "av1"), hdr=True)


@given(sources)
@pytest.mark.rule("1.2", "1.5")
def test_a_transport_stream_has_pictures_in_h264_and_sounds_in_stereo_alone(described: SourceProbe) -> None:
    plan = build_plan(described, SHIPPED, EVERYTHING)
    assert {rendition.codec for rendition in plan.video} == {"h264"}
    assert {rendition.dynamic_range for rendition in plan.video} == {"sdr"}
    assert {rendition.channels for rendition in plan.audio} <= {2}
    assert {name for job in plan.jobs for name in job.renditions} == {item.name for item in plan.renditions}


@given(sources)
def test_exactly_one_sound_is_within_the_variants_and_all_others_stand_alone(described: SourceProbe) -> None:
    plan = build_plan(described, SHIPPED, EVERYTHING)
    within = [plan.muxed_sound] if plan.muxed_sound else []
    assert len(within) == bool(plan.audio)
    assert sorted([*within, *plan.alternate_sounds], key=plan.audio.index) == list(plan.audio)
    assert all(item.default for item in within)


@given(sources, st.booleans())
@pytest.mark.rule("9.5", "9.7")
def test_in_cmaf_every_sound_stands_alone(described: SourceProbe, encrypted: bool) -> None:
    plan = build_plan(described, SHIPPED, PlanOptions(encrypted=encrypted))
    assert plan.muxed_sound is None
    assert plan.alternate_sounds == plan.audio


def test_surround_sound_that_is_left_out_is_told() -> None:
    described = source(audio=(sound(1, "en", channels=6), sound(2, "fr")))
    cmaf, ts = (build_plan(described, SHIPPED, PlanOptions(container=each)) for each in ("cmaf", "ts"))
    assert 6 in {rendition.channels for rendition in cmaf.audio}
    assert [rendition.name for rendition in ts.audio] == ["audio_en", "audio_fr"]
    assert cmaf.warnings == ts.warnings[:-1]
    assert "surround" in ts.warnings[-1]
