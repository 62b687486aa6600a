"""The source's own picture and sounds as tracks, and what is done where one turns out not to play."""

import logging
from pathlib import Path

from nightreel.errors import EncoderFailed, NightreelError, ReleaseRejected
from nightreel.media.encoding.copied_picture import copy_picture
from nightreel.media.encoding.copied_sound import copy_sound
from nightreel.media.encoding.transcode import timeout_for
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, EncodeJob, TextRendition, VideoRendition
from nightreel.orchestration.conversion.session import Conversion
from nightreel.orchestration.conversion.tracks import finish_tracks
from nightreel.workspace.names import SOURCE

log = logging.getLogger(__name__)

_ROOM_FACTOR = 1.3

Copied = VideoRendition | AudioRendition


def copied_in(job: EncodeJob, plan: Plan) -> Copied | None:
    """The rendition of a job that is to be copied; such a job has no others."""
    renditions = (plan.rendition(name) for name in job.renditions)
    return next((item for item in renditions if not isinstance(item, TextRendition) and item.copied), None)


def copy_track(copied: Copied, conversion: Conversion) -> EncoderFailed | ReleaseRejected | None:
    """Copies the source's packets, then packages, judges and uploads them.

    Returns why that cannot be done, with nothing of it uploaded: a program or the gate refused it.
    """
    try:
        _copy(copied, conversion)
        finish_tracks([copied.name], conversion)
    except (EncoderFailed, ReleaseRejected) as refused:
        return refused
    return None


def _copy(copied: Copied, conversion: Conversion) -> None:
    area = conversion.area
    if not area.exists(conversion.file_of(copied.name)):
        area.require_free(_room_for(copied, conversion))
        with area.writing(conversion.file_of(copied.name)) as path:
            if isinstance(copied, VideoRendition):
                _copy_picture(copied, path, conversion)
            else:
                _copy_sound(copied, path, conversion)


def _room_for(copied: Copied, conversion: Conversion) -> int:
    """Bytes that a copy may need: of a picture no more than its source, of a sound what was measured."""
    if isinstance(copied, VideoRendition):
        return conversion.source.size_bytes
    return int(copied.audio_bps / 8 * conversion.plan.duration * _ROOM_FACTOR)


def _copy_picture(copied: VideoRendition, path: Path, conversion: Conversion) -> None:
    plan, source = conversion.plan, conversion.source
    copy_picture(
        conversion.area.fetch(SOURCE),
        path,
        stream=plan.video_stream,
        codec=copied.codec,
        frame_rate=plan.frame_rate,
        reordering=source.coded.reordering if source.coded else 0,
        ffmpeg_binary=conversion.binaries.ffmpeg,
        timeout_seconds=timeout_for(plan, 1.0),
    )


def _copy_sound(copied: AudioRendition, path: Path, conversion: Conversion) -> None:
    copy_sound(
        conversion.area.fetch(SOURCE),
        path,
        conversion.plan,
        copied,
        ffmpeg_binary=conversion.binaries.ffmpeg,
        timeout_seconds=timeout_for(conversion.plan, 1.0),
    )


def encode_instead(copied: Copied, refused: NightreelError, conversion: Conversion) -> None:
    """From now on, the plan has an encoded rendition in place of the copied one, and the title says why."""
    what = "Its picture" if isinstance(copied, VideoRendition) else f"Sound track {copied.stream}"
    sentence = f"{what} could not be copied, and was encoded instead: {refused}"
    log.warning("%s: %s", copied.name, sentence)
    # At once: a try that stops before the track is finished leaves no other word of it.
    conversion.catalog.leases.warn(conversion.claim, [sentence])
    conversion.refuse_copy(copied.name, sentence)
    conversion.catalog.leases.record_plan(conversion.claim, conversion.plan.model_dump(mode="json"))
