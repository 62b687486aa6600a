from collections.abc import Callable
from pathlib import Path

import pytest

from nightreel.media.coded_sound import CodedSound
from nightreel.media.planning.copied_sounds import with_copied_sounds, with_sounds_of
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import Restart, SourceProbe
from tests.media.aac import heard, planned
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.damage import patched
from tests.media.encoded import SMALL
from tests.media.h264 import B_PYRAMID

_TONE = Sound()
_NOISE = Sound("anoisesrc=colour=pink:amplitude=0.5:sample_rate=48000")


@pytest.fixture(scope="module")
def plain(make_clip: MakeClip, binaries: Binaries) -> SourceProbe:
    """A source whose sound may be copied."""
    return heard(make_clip(Clip(sounds=(_TONE,))), binaries)


def _sound(source: SourceProbe) -> CodedSound:
    (coded,) = source.coded_sounds
    return coded


@pytest.mark.parametrize("after", [(), ("-ar", "44100"), ("-use_editlist", "0", *B_PYRAMID)])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_the_sound_of_a_film_as_ffmpeg_writes_it_may_be_copied(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, after: tuple[str, ...], suffix: str
) -> None:
    clip = make_clip(Clip(sounds=(_TONE,), after=after))
    source = heard(remuxed(clip, tmp_path / f"film.{suffix}", binaries.ffmpeg), binaries)
    plan = planned(source)
    assert plan.not_copied == ()
    (sound,) = plan.audio
    assert (sound.copied, sound.audio_bps) == (True, _sound(source).bps)
    assert sound.sample_rate == (44_100 if "44100" in after else 48_000)
    (instead,) = plan.sounds_instead
    assert (instead.copied, instead.name, instead.sample_rate) == (False, sound.name, 48_000)


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        (Clip(sounds=(_TONE,), after=("-c:a", "ac3")), "it is AC-3; only AAC is copied"),
        (Clip(sounds=(Sound(channels=1),)), "it has 1 channel; only stereo is copied"),
        (Clip(sounds=(Sound(channels=6),)), "it has 6 channels; only stereo is copied"),
        (Clip(sounds=(_TONE,), after=("-ar", "32000")), "its sample rate is 32 kHz"),
        (Clip(sounds=(_NOISE,), after=("-b:a", "256k")), "kb/s, and 154 kb/s is the limit"),
        (Clip(sounds=(Sound(seconds=1.9),)), "it ends 0.0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sound_that_players_cannot_be_given_names_its_reason(
    make_clip: MakeClip, binaries: Binaries, clip: Clip, reason: str
) -> None:
    plan = planned(heard(make_clip(clip), binaries))
    assert not any(sound.copied for sound in plan.audio)
    (told,) = plan.not_copied
    assert told.startswith("Sound track 1 is not copied: ")
    assert reason in told


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ("TS+gte(N\\,40)*4800", "the packet at 0:00:01 is 100 ms too late."),
        ("TS-gte(N\\,40)*300", "the packet at 0:00:01 is 6.25 ms too early."),
        (
            "TS+gte(N\\,40)*300+gte(N\\,60)*300",
            "2 of its packets are not where the ones before them end: that at 0:00:01 is 6.25 ms too late.",
        ),
        ("TS+2600", "it begins 0.033 s after the title."),
    ],
)
def test_packets_that_do_not_fill_the_title_are_a_reason(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, times: str, reason: str
) -> None:
    clip = make_clip(Clip(sounds=(_TONE,)))
    path = remuxed(clip, tmp_path / "moved.mp4", binaries.ffmpeg, after=("-bsf:a", f"setts=ts={times}"))
    (told,) = planned(heard(path, binaries)).not_copied
    assert told == f"Sound track 1 is not copied: {reason}"


def test_a_few_samples_between_packets_as_where_files_were_joined_are_closed(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    joints = "setts=ts=TS+gte(N\\,40)*2+gte(N\\,60)*2"
    clip = make_clip(Clip(sounds=(_TONE,)))
    path = remuxed(clip, tmp_path / "joined.mp4", binaries.ffmpeg, after=("-bsf:a", joints))
    assert [sound.copied for sound in planned(heard(path, binaries)).audio] == [True]


def test_sbr_that_only_the_description_tells_of_is_a_reason(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    clip = make_clip(Clip(sounds=(_TONE,)))
    # The flag after the announcement of an extension (ISO/IEC 14496-3, 1.6.2.1).
    path = patched(clip, tmp_path / "sbr.mp4", bytes.fromhex("119056e500"), 4, b"\x80")
    assert any("it is HE-AAC; only AAC-LC" in told for told in planned(heard(path, binaries)).not_copied)


def test_mono_tracks_that_are_joined_are_not_copied(make_clip: MakeClip, binaries: Binaries) -> None:
    plan = planned(heard(make_clip(Clip(sounds=(Sound(channels=1),) * 2)), binaries))
    assert any("it is one channel of a sound" in told for told in plan.not_copied)


def _coded(**changes: object) -> Callable[[SourceProbe], SourceProbe]:
    return lambda source: source.model_copy(
        update={"coded_sounds": (_sound(source).model_copy(update=changes),)}
    )


def _source(**changes: object) -> Callable[[SourceProbe], SourceProbe]:
    return lambda source: source.model_copy(update=changes)


def _track(**changes: object) -> Callable[[SourceProbe], SourceProbe]:
    return lambda source: source.model_copy(update={"audio": (source.audio[0].model_copy(update=changes),)})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (_coded(object_type=5), "it is HE-AAC; only AAC-LC is copied"),
        (_coded(object_type=1), "it is AAC Main; only AAC-LC is copied"),
        (_coded(channel_configuration=0), "not said to be left and right"),
        (_coded(frame_samples=960), "its packets have 960 samples instead of 1024"),
        (_coded(changes=True), "its coding changes midway"),
        (_coded(broken=1), "1 of its packets is damaged"),
        (_track(damage_seen=2), "2 of its packets are damaged"),
        (_source(container="mpegts", coded_sounds=()), "neither an MP4 nor a Matroska file"),
        (_source(coded_sounds=()), "no description of its coding"),
        (_source(restarts=(Restart(position=9, seconds=62, shift=0),)), "begin again at 0:01:02"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_inspection_found_is_a_reason(
    plain: SourceProbe, changed: Callable[[SourceProbe], SourceProbe], reason: str
) -> None:
    (told,) = planned(changed(plain)).not_copied
    assert reason in told


def test_sounds_are_copied_independently_of_one_another(make_clip: MakeClip, binaries: Binaries) -> None:
    clip = Clip(
        sounds=(Sound(language="eng"), Sound(channels=6, language="fra"), Sound(language="deu")),
        after=("-c:a:0", "ac3"),
    )
    plan = planned(heard(make_clip(clip), binaries))
    assert {sound.name: sound.copied for sound in plan.audio} == {
        "audio_en": False, "audio_fr": False, "audio_de": True, "audio_fr_51": False,
    }  # fmt: skip
    assert [told[:13] for told in plan.not_copied] == ["Sound track 1", "Sound track 2"]


@pytest.mark.parametrize("options", [PlanOptions(loudness_lufs=-23.0), PlanOptions(container="ts")])
def test_nothing_is_copied_or_said_where_a_sound_is_to_become_another(
    plain: SourceProbe, options: PlanOptions
) -> None:
    plan = build_plan(plain, SMALL, options)
    assert with_copied_sounds(plan, plain) == plan


def test_a_sound_whose_picture_must_be_encoded_may_be_copied(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    clip = make_clip(Clip(sounds=(_TONE,), after=("-g", "25")))
    path = remuxed(clip, tmp_path / "cut.mp4", binaries.ffmpeg, before=("-ss", "0.7"))
    plan = planned(heard(path, binaries))
    assert not plan.has_own_grid
    assert [sound.copied for sound in plan.audio] == [True]


def _encoded(plan: Plan) -> Plan:
    return plan.model_copy(update={"audio": plan.sounds_instead, "sounds_instead": ()})


def test_what_a_first_release_copied_stays_copied_and_what_it_encoded_stays_encoded(
    plain: SourceProbe,
) -> None:
    first = planned(plain)
    whole = build_plan(plain, SMALL, PlanOptions())
    assert with_sounds_of(first, whole).audio == first.audio
    assert with_sounds_of(_encoded(first), whole).audio == whole.audio
