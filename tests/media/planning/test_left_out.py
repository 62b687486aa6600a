"""No track of a source is missing from its title without a sentence that tells of it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning import left_out
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.source import CAPTIONS_IN_PICTURE, AudioStream, FoundTrack, SourceProbe, TextStream
from nightreel.vocabulary.media import Container
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import source

_SHOWN = ("video", "audio", "subtitle", "haptics")
"""Kinds of tracks that viewers get something from, and one that nobody knows yet."""


@st.composite
def _sources(draw: st.DrawFn) -> SourceProbe:
    """Sources of up to sixty tracks of any kind, of which inspection took some and told of others."""
    described = source((640, 360))
    kinds = draw(st.lists(st.sampled_from([*_SHOWN, "data", "attachment", "audio", "subtitle"]), max_size=60))
    tracks = [FoundTrack(index=0, kind="video")]
    audio: list[AudioStream] = []
    text: list[TextStream] = []
    for index, kind in enumerate(kinds, 1):
        faulty = draw(st.booleans())
        tracks.append(FoundTrack(index=index, kind=kind, left_out=f"Track {index} is faulty." * faulty))
        if kind == "audio" and not faulty:
            audio.append(
                AudioStream(
                    index=index, codec="aac", channels=draw(st.sampled_from([1, 2, 6])), sample_rate=48_000
                )
            )
        if kind == "subtitle" and not faulty:
            text.append(TextStream(index=index, codec="subrip"))
    return described.model_copy(update={"tracks": tuple(tracks), "audio": tuple(audio), "text": tuple(text)})


def _named(warnings: tuple[str, ...]) -> set[int]:
    lists = re.findall(r"[Tt]racks? ((?:\d+(?:, )?)+)", " ".join(warnings))
    return {int(number) for numbers in lists for number in numbers.split(", ") if number}


@given(_sources(), st.sampled_from(["cmaf", "ts"]))
def test_no_track_is_missing_without_a_warning_that_names_it(
    described: SourceProbe, container: Container
) -> None:
    plan = build_plan(described, SHIPPED, PlanOptions(container=container))
    held = {plan.video_stream, *(item.stream for item in plan.audio), *(item.stream for item in plan.text)}
    held |= {index for item in plan.audio for index in item.joined}
    for track in described.tracks:
        if track.kind in _SHOWN:
            assert track.index in held | _named(plan.warnings)


@given(_sources())
def test_nothing_is_told_of_a_track_that_the_title_has(described: SourceProbe) -> None:
    taken = {track.index for track in described.tracks if not track.left_out}
    assert len(left_out.sentences(described.tracks, taken)) == len(described.tracks) - len(taken)


def test_sounds_that_the_owner_did_not_want_are_not_told_of() -> None:
    heard = AudioStream(index=1, codec="aac", channels=2, sample_rate=48_000)
    tracks = (FoundTrack(index=0, kind="video"), FoundTrack(index=1, kind="audio"))
    described = source().model_copy(update={"audio": (heard,), "tracks": tracks})
    assert build_plan(described, SHIPPED, PlanOptions(sound=False)).warnings == ()


def test_tracks_beyond_what_a_title_can_have_are_told_together() -> None:
    tracks = [FoundTrack(index=index, kind="subtitle") for index in (40, 41)]
    (said,) = left_out.sentences(tracks, set())
    assert said.startswith("The subtitle tracks 40, 41 were left out")


@given(st.integers(0, 40), st.integers(0, 4))
def test_captions_for_which_there_is_no_room_are_told(tracks: int, channels: int) -> None:
    texts = [TextStream(index=index, codec="subrip") for index in range(1, tracks + 1)]
    captions = [
        TextStream(index=0, codec=CAPTIONS_IN_PICTURE, channel=f"CC{number}")
        for number in range(1, channels + 1)
    ]
    found = [FoundTrack(index=0, kind="video"), *(FoundTrack(index=t.index, kind="subtitle") for t in texts)]
    described = source((640, 360)).model_copy(update={"text": (*texts, *captions), "tracks": tuple(found)})
    plan = build_plan(described, SHIPPED, PlanOptions())
    held = {item.channel for item in plan.text}
    told = " ".join(plan.warnings)
    assert all(caption.channel in held or caption.channel in told for caption in captions)
