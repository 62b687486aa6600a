"""What a track is made by: its fingerprint tells whether today's settings would make another one."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, Rendition, VideoRendition

_SHARED = {"frame_rate", "frames", "gop_frames", "segment_frames", "container", "encrypted"}
"""What a plan says of all its tracks."""
_OWN_GRID = {"keyframes", "cuts"}
"""What it says of them too, where the grid is the source's own."""
_SAID_IN_MANIFESTS = {"label", "default", "forced"}
"""What may change of a rendition without another segment."""
_MAKERS = ("ffmpeg", "packager")
"""The programs whose version may change what a track is."""


def recipe_of(
    plan: Plan, rendition: Rendition, tools: Mapping[str, str], encoder: str | None = None
) -> dict[str, Any]:
    """The rendition, the sound within it, the grid that it is on, and the programs that make it; for JSON.

    `encoder` is FFmpeg's name of that of a picture; None for sound and subtitles.
    """
    within = plan.muxed_sound if isinstance(rendition, VideoRendition) else None
    return {
        "rendition": _made(rendition),
        **plan.model_dump(mode="json", include=_SHARED | _OWN_GRID if plan.has_own_grid else _SHARED),
        "within": None if within is None else _made(within),
        "loudness_lufs": plan.loudness_lufs if isinstance(within or rendition, AudioRendition) else None,
        "tools": {name: tools[name] for name in _MAKERS},
        **({} if encoder is None else {"encoder": encoder}),
    }


def fingerprint(recipe: Mapping[str, Any]) -> str:
    """The SHA-256 of a recipe, in lower-case hex: the same for equal ones, however they are ordered."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def _made(rendition: Rendition) -> dict[str, Any]:
    return rendition.model_dump(mode="json", exclude=_SAID_IN_MANIFESTS, exclude_none=True)
