"""From encoded renditions to the files that players load."""

from collections.abc import Mapping
from pathlib import Path

from nightreel.media.packaging.cmaf import package_cmaf
from nightreel.media.packaging.transport_stream import package_transport_stream
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries
from nightreel.vocabulary.protection import Protection


def package(
    plan: Plan,
    encoded: Mapping[str, Path],
    directory: Path,
    *,
    binaries: Binaries,
    timeout_seconds: float,
    protection: Protection | None = None,
) -> tuple[str, ...]:
    """Write the segments, playlists and manifests of a release into `directory`.

    Returns warnings for the title's owner.

    `encoded` has the file of every rendition of the plan, by name: MP4, and WebVTT for subtitles.
    `protection` has the key of an encrypted plan, and is None for a clear one. Raises
    EncoderFailed with what the packager said.
    """
    directory.mkdir(parents=True, exist_ok=True)
    write = package_transport_stream if plan.container == "ts" else package_cmaf
    return write(
        plan,
        encoded,
        directory,
        binaries=binaries,
        timeout_seconds=timeout_seconds,
        protection=protection,
    )
