"""Which encode job makes which renditions, and which jobs share a slot.

Pictures that would wait for the same cores share one FFmpeg.
"""

from collections.abc import Collection, Iterable, Sequence

from nightreel.media.renditions import (
    AudioRendition,
    EncodeJob,
    EncodeTask,
    Kind,
    TextRendition,
    VideoRendition,
)


def encode_jobs(
    video: Sequence[VideoRendition],
    others: Sequence[AudioRendition | TextRendition],
    frames: int,
    picture_jobs: int,
) -> tuple[EncodeJob, ...]:
    """The jobs that make these renditions, the slowest first, so that short ones fill the end of the night.

    A job decodes the source once for all of its pictures. Those of each set (one codec, SDR or HDR) are
    spread over at most `picture_jobs` jobs. Sounds and subtitles have a job each.
    """
    pictures = tuple(
        _job("video", tuple(item.name for item in shared), frames)
        # The sets after H.264 take longer.
        for members in reversed(_sets(video))
        for shared in _spread(members, picture_jobs)
    )
    rest = tuple(
        _job("audio" if isinstance(item, AudioRendition) else "text", (item.name,), frames) for item in others
    )
    return (*pictures, *rest)


def encode_tasks(jobs: Sequence[EncodeJob]) -> tuple[EncodeTask, ...]:
    """A task for each job of pictures. The first one also makes all sounds and subtitles, before its own.

    They take so little beside any picture that a slot of their own would cost more. The segments of a
    transport stream's pictures carry the sound, and are cut once it is there.
    """
    pictures = [job for job in jobs if job.kind == "video"]
    others = [job for job in jobs if job.kind != "video"]
    together = [(*others, *pictures[:1]), *((job,) for job in pictures[1:])]
    return tuple(EncodeTask(jobs=each) for each in together if each)


def narrowed(jobs: Iterable[EncodeJob], names: Collection[str]) -> tuple[EncodeJob, ...]:
    """What is left of the jobs when they make only the renditions with these names."""
    left = (
        job.model_copy(update={"renditions": tuple(name for name in job.renditions if name in names)})
        for job in jobs
    )
    return tuple(job for job in left if job.renditions)


def with_copy_of(jobs: Sequence[EncodeJob], encoded: str, copied: str) -> tuple[EncodeJob, ...]:
    """The jobs with a copied rendition in place of an encoded one: in a job of its own, the first."""
    (job,) = narrowed(jobs, {encoded})
    names = {name for each in jobs for name in each.renditions} - {encoded}
    return (job.model_copy(update={"renditions": (copied,)}), *narrowed(jobs, names))


def _sets(video: Sequence[VideoRendition]) -> list[list[VideoRendition]]:
    sets: dict[tuple[str, str], list[VideoRendition]] = {}
    for item in video:
        sets.setdefault((item.codec, item.dynamic_range), []).append(item)
    return list(sets.values())


def _spread(pictures: Sequence[VideoRendition], most: int) -> list[list[VideoRendition]]:
    """Groups of about as many pixels each, from most to fewest; all pictures have the same frame rate."""
    groups: list[list[VideoRendition]] = [[] for _ in range(min(most, len(pictures)))]
    for item in sorted(pictures, key=lambda each: each.pixels, reverse=True):
        min(groups, key=_pixels).append(item)
    return sorted(groups, key=_pixels, reverse=True)


def _pixels(pictures: Iterable[VideoRendition]) -> int:
    return sum(item.pixels for item in pictures)


def _job(kind: Kind, names: tuple[str, ...], frames: int) -> EncodeJob:
    return EncodeJob(kind=kind, renditions=names, start_frame=0, end_frame=frames)
