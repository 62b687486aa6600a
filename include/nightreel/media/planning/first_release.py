"""The first release of a title: what plays soonest, of everything that the title is to have."""

from nightreel.media.planning.encode_jobs import narrowed
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition

_PIXELS_A_SECOND = 1920 * 1080 * 25


def first_release(plan: Plan, most_lines: int) -> Plan:
    """The plan with one rendition of the picture: the best one with at most so many lines.

    Where all have more, the lowest one. All sounds and subtitles are in it, because they cost little, on
    the same grid: the tracks are those of the whole plan. `most_lines` counts the shorter side in pixels.
    """
    others = {item.name for item in plan.renditions} - {item.name for item in plan.video}
    return only(plan, {soonest(plan, most_lines).name} | others)


def soon_whole(plan: Plan, seconds: float) -> bool:
    """Whether all pictures of the plan are together no more than so many seconds of 1080p at 25 fps.

    Then a second run, which looks at the source and the release once more, would cost more than it brings.
    """
    pixels = plan.frames * sum(item.width * item.height for item in plan.video)
    return pixels <= seconds * _PIXELS_A_SECOND


def only(plan: Plan, names: set[str]) -> Plan:
    """The plan with these renditions, and the jobs that make them. Raises ValueError without a picture."""
    video = tuple(item for item in plan.video if item.name in names)
    if not video:
        raise ValueError(f"none of {', '.join(sorted(names))} is a picture of the plan")
    return plan.model_copy(
        update={
            "video": video,
            "audio": tuple(item for item in plan.audio if item.name in names),
            "text": tuple(item for item in plan.text if item.name in names),
            "jobs": narrowed(plan.jobs, names),
        }
    )


def soonest(plan: Plan, most_lines: int) -> VideoRendition:
    """The one rendition of the picture; see `first_release`."""
    pictures = [item for item in plan.video if decoded_by_all(item)]
    fitting = [item for item in pictures if min(item.width, item.height) <= most_lines]
    return fitting[-1] if fitting else pictures[0]


def decoded_by_all(rendition: VideoRendition) -> bool:
    """Whether every player can play it. Every plan has such renditions."""
    return rendition.codec == "h264"
