"""A fingerprint tells whether today's settings would make another track."""

import json
from fractions import Fraction
from typing import Any

import pytest

from nightreel.media.planning.plan import Plan
from nightreel.media.planning.recipe import fingerprint, recipe_of
from tests.media.packaging.test_package_sets import PLAN

TOOLS = {"ffmpeg": "9", "ffprobe": "9", "packager": "3"}
PICTURE, SOUND = PLAN.video[0], PLAN.audio[0]


def of_picture(
    plan: Plan = PLAN, tools: dict[str, str] = TOOLS, encoder: str = "libx264", **change: Any
) -> str:
    return fingerprint(recipe_of(plan, PICTURE.model_copy(update=change), tools, encoder))


def test_the_same_recipe_has_the_same_fingerprint_after_a_way_through_json() -> None:
    recipe = recipe_of(PLAN, PICTURE, TOOLS, "libx264")
    read = json.loads(json.dumps(dict(reversed(recipe.items()))))
    assert fingerprint(read) == fingerprint(recipe)


@pytest.mark.parametrize(
    "other",
    [
        of_picture(video_bps=PICTURE.video_bps + 1),
        of_picture(preset="veryslow"),
        of_picture(encoder="h264_nvenc"),
        of_picture(tools={**TOOLS, "ffmpeg": "10"}),
        of_picture(PLAN.model_copy(update={"frame_rate": Fraction(30)})),
        of_picture(PLAN.model_copy(update={"segment_frames": PLAN.segment_frames + 1})),
        of_picture(PLAN.model_copy(update={"keyframes": (0, 30), "cuts": (0,)})),
        of_picture(PLAN.model_copy(update={"keyframes": (0, 30), "cuts": (0, 30)})),
        of_picture(PLAN.model_copy(update={"encrypted": True})),
        of_picture(PLAN.model_copy(update={"container": "ts"})),
    ],
)
def test_whatever_changes_a_segment_changes_the_fingerprint(other: str) -> None:
    assert other != of_picture()


def test_a_pictures_fingerprint_in_a_transport_stream_tells_of_the_sound_within() -> None:
    stream = PLAN.model_copy(update={"container": "ts"})
    louder = stream.audio[0].model_copy(update={"audio_bps": 1})
    other = stream.model_copy(update={"audio": (louder, *stream.audio[1:])})
    assert of_picture(stream) != of_picture(other)


def test_what_only_manifests_say_changes_no_fingerprint() -> None:
    plain = fingerprint(recipe_of(PLAN, SOUND, TOOLS))
    renamed = SOUND.model_copy(update={"label": "Director", "default": not SOUND.default})
    assert fingerprint(recipe_of(PLAN, renamed, TOOLS)) == plain
    assert fingerprint(recipe_of(PLAN, SOUND, {**TOOLS, "ffprobe": "10"})) == plain
