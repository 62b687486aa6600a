"""The plan of a title whose picture is copied: every track is on the source's own grid."""

from collections.abc import Collection

from nightreel.media.planning.copying import Copying
from nightreel.media.planning.cuts import cuts
from nightreel.media.planning.encode_jobs import with_copy_of
from nightreel.media.planning.first_release import decoded_by_all, only, soonest
from nightreel.media.planning.grid import Grid
from nightreel.media.planning.plan import Plan
from nightreel.media.planning.plan_picture import name_in_set
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.media.source import DynamicRange, SourceProbe

_OVER_THE_CAP = 1.5
"""How far the peak of a copied rendition that stays may be above the cap of the one that it replaces."""
_AS_LARGE = 0.9
"""How many lines the one that it replaces has, at least, of each of its own."""


def own_grid(verdict: Copying, segment_seconds: float) -> Grid | None:
    """The grid of a picture that may be copied; None if it may not, or if no title can be made on it."""
    if not verdict.may or verdict.frame_rate is None:
        return None
    grid = Grid(
        verdict.frame_rate,
        verdict.frames,
        verdict.keyframes,
        cuts(verdict.keyframes, verdict.frames, verdict.frame_rate, segment_seconds),
    )
    return None if grid.fault else grid


def copied_rendition(source: SourceProbe, plan: Plan) -> VideoRendition:
    """The source's own picture as a rendition, named for its lines.

    Needs a source with `coded`, and a plan with a set of its codec and dynamic range.
    """
    if source.coded is None:
        raise ValueError("the source was not inspected for copying")
    video, whole = source.video, int(source.size_bytes * 8 / plan.duration)
    (*_, best) = _set_of(plan, video.codec, video.colour.dynamic_range)
    return VideoRendition(
        name=name_in_set(f"{min(video.width, video.height)}p", best.codec, best.dynamic_range),
        codec=best.codec,
        dynamic_range=best.dynamic_range,
        width=video.width,
        height=video.height,
        video_bps=min(source.coded.peak_bps, whole),
        maxrate_bps=source.coded.peak_bps,
        preset=best.preset,
        copied=True,
    )


def first_copy(plan: Plan, copied: VideoRendition, most_lines: int) -> Plan:
    """The plan of a first release: the copied picture, and all sounds and subtitles.

    Where only some players decode the copy, also what a first release has without one; `most_lines` as there.
    """
    names = {item.name for item in plan.renditions} - {item.name for item in plan.video} | {copied.name}
    if not decoded_by_all(copied):
        names.add(soonest(plan, most_lines).name)
    return only(_with(plan, copied), names)


def with_copy(plan: Plan, copied: VideoRendition) -> Plan:
    """The plan of a complete release: the copy replaces the best rendition of its set.

    Not if it needs far more, or if the title no longer gets such a set.
    """
    alike = _set_of(plan, copied.codec, copied.dynamic_range)
    stays = alike and (
        copied.maxrate_bps <= alike[-1].maxrate_bps * _OVER_THE_CAP
        and min(alike[-1].width, alike[-1].height) >= min(copied.width, copied.height) * _AS_LARGE
    )
    return _with(plan, copied) if stays else plan


def copied_names(plan: Plan) -> tuple[str, ...]:
    """The renditions that are the source's own, packet by packet."""
    made: tuple[VideoRendition | AudioRendition, ...] = (*plan.video, *plan.audio)
    return tuple(item.name for item in made if item.copied)


def encoded_instead(plan: Plan, names: Collection[str]) -> Plan:
    """The plan with what is encoded in place of these copied renditions, on the same grid."""
    picture = plan.instead if plan.instead is not None and plan.instead.name in names else None
    sounds = {sound.name: sound for sound in plan.sounds_instead if sound.name in names}
    return plan.model_copy(
        update={
            "video": tuple(picture if picture and item.copied else item for item in plan.video),
            "instead": None if picture else plan.instead,
            "audio": tuple(sounds.get(item.name, item) for item in plan.audio),
            "sounds_instead": tuple(item for item in plan.sounds_instead if item.name not in sounds),
        }
    )


def _with(plan: Plan, copied: VideoRendition) -> Plan:
    """The plan with the copy in place of the best rendition of its set."""
    (*_, best) = _set_of(plan, copied.codec, copied.dynamic_range)
    size = {"name": copied.name, "width": copied.width, "height": copied.height}
    return plan.model_copy(
        update={
            "video": tuple(copied if item is best else item for item in plan.video),
            "instead": best.model_copy(update=size),
            "jobs": with_copy_of(plan.jobs, best.name, copied.name),
        }
    )


def _set_of(plan: Plan, codec: str, dynamic_range: DynamicRange) -> list[VideoRendition]:
    """From lowest to highest; empty if the plan has none."""
    return [item for item in plan.video if (item.codec, item.dynamic_range) == (codec, dynamic_range)]
