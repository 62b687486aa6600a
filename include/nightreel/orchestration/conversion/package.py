"""Make one CMAF set of all encoded renditions, and the still pictures."""

import logging
from typing import Any

from nightreel.encryption import protection_for
from nightreel.media.encoding.transcode import timeout_for
from nightreel.media.packaging import package
from nightreel.media.stills import stills
from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.vocabulary.protection import Protection
from nightreel.workspace.names import RELEASE, encoded_name

log = logging.getLogger(__name__)

_ROOM_FACTOR = 1.1


def package_title(ticket: dict[str, Any]) -> int:
    """Writes the release's files into the work area; returns how many they are."""
    with working(ticket, "package") as conversion:
        plan, area, binaries = conversion.plan, conversion.area, conversion.binaries
        encoded = {item.name: area.fetch(encoded_name(item.name)) for item in plan.renditions}
        area.require_free(int(sum(path.stat().st_size for path in encoded.values()) * _ROOM_FACTOR))
        limit = timeout_for(plan, 1.0)
        with area.writing(RELEASE) as directory:
            warnings = package.package(
                plan,
                encoded,
                directory,
                binaries=binaries,
                timeout_seconds=limit,
                protection=_protection(conversion),
            )
            stills.write_stills(
                plan, encoded, directory, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=limit
            )
            count = sum(1 for _ in directory.iterdir())
        if warnings:
            conversion.catalog.leases.warn(conversion.claim, warnings)
        log.info("packaged %d renditions into %d files", len(encoded), count)
        return count


def _protection(conversion: Conversion) -> Protection | None:
    key = conversion.content_key
    return None if key is None else protection_for(key, conversion.settings)
