"""How titles are planned, and which pictures and sounds are copied, by the settings."""

from math import ceil

from nightreel.media.planning.copying import CopyLimits
from nightreel.media.planning.plan import PlanOptions
from nightreel.settings import Settings


def plan_options(options: Settings, *, encrypted: bool, sound: bool, by_night: bool = False) -> PlanOptions:
    """What the settings say of all titles, and what was chosen for one: encryption and sound.

    `by_night` says whether a night converts it.
    """
    return PlanOptions(
        segment_seconds=options.segment_seconds,
        keyframe_seconds=options.keyframe_seconds,
        preset=options.preset or None,
        container=options.container,
        codecs=options.codecs,
        hdr=options.hdr,
        encrypted=encrypted,
        sound=sound,
        loudness_lufs=options.loudness_lufs if options.normalise_loudness else None,
        thumbnail_seconds=options.thumbnail_seconds,
        sprite_seconds=options.sprite_seconds,
        picture_jobs=options.encode_jobs or _slots_of_a_title(options, by_night=by_night),
    )


def copies_sounds(options: Settings) -> bool:
    """Whether sounds are copied: not where they are to have another loudness, or lie within the picture."""
    return options.copy_sounds and not options.normalise_loudness and options.container == "cmaf"


def _slots_of_a_title(options: Settings, *, by_night: bool) -> int:
    """How many encodes of a title run at once: a night's titles share its slots, others have one each."""
    return ceil(options.encode_slots / options.title_concurrency) if by_night else 1


def copy_limits(options: Settings) -> CopyLimits:
    """What a copied picture may need of players, and the sets of which it may become a part."""
    return CopyLimits(
        keyframe_seconds=options.copy_keyframe_seconds,
        peak_bps=options.copy_peak_bps,
        codecs=options.codecs,
        hdr=options.hdr,
    )
