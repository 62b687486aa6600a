"""The suite `protection`: a row per rendition, and what players are told about its key."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nightreel.checks.facts.mpd import DashManifest, Representation
from nightreel.checks.facts.playlists import MediaPlaylist
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.subtitles import Subtitles
from nightreel.checks.facts.track import TrackFacts
from nightreel.checks.suites.measures import NONE
from nightreel.checks.suites.rules import Rule, Suite, exactly, holds, of_track, same
from nightreel.media.planning.plan import Plan
from nightreel.vocabulary.media import Container
from nightreel.vocabulary.protection import ContentKey

_METHODS: dict[Container, str] = {"cmaf": "SAMPLE-AES", "ts": "AES-128"}
"""RFC 8216, 4.3.2.4; SAMPLE-AES of CMAF is cbcs."""

_PICTURE_PATTERN, _SOUND_PATTERN = "1:9", "0:0"
"""Apple HLS authoring rule 13.7; ISO/IEC 23001-7, 10.4."""

RULES: tuple[Rule, ...] = (
    *of_track(
        same(
            "encryption",
            "scheme",
            "planned_scheme",
            "A rendition is not encrypted as planned",
        ),
        same(
            "encryption-pattern",
            "pattern",
            "planned_pattern",
            "A picture is not encrypted in the pattern 1:9, or a sound is not encrypted in full",
        ),
        holds("encrypted-throughout", "by_default", "A rendition's samples are in the clear by default"),
        same("key-id", "key_id", "planned_key_id", "A rendition is not encrypted with the title's key"),
        exactly("no-clear-samples", "clear_packets", 0, "A rendition has samples that are not encrypted"),
        same(
            "key-method",
            "method",
            "planned_method",
            "A playlist does not say for every segment how it is encrypted",
        ),
        exactly("key-uri", "keys_without_uri", 0, "A playlist does not say where the key is"),
    ),
    same("mpd-key-id", "mpd_key_id", "planned_mpd_key_id", "The MPD's default_KID is not the id of the key"),
)


@dataclass(frozen=True, kw_only=True)
class ProtectionRow:
    """A rendition, or a playlist of it. Key ids as UUIDs; None where a rule is not about the row.

    What the MPD says is None where a track is judged alone.
    """

    name: str
    scheme: str | None = None
    planned_scheme: str | None = None
    pattern: str | None = None
    planned_pattern: str | None = None
    by_default: bool | None = None
    key_id: str | None = None
    planned_key_id: str | None = None
    clear_packets: int | None = None
    method: str | None = None
    planned_method: str | None = None
    keys_without_uri: int | None = None
    mpd_key_id: str | None = None
    planned_mpd_key_id: str | None = None


def protection_suite(
    tracks: Iterable[TrackFacts], plan: Plan, key: ContentKey | None, mpd: DashManifest | None = None
) -> Suite:
    """What is encrypted, and by which key. `key` is that of the title, where it has one.

    With `mpd`, also what that says of the key.
    """
    planned = key if plan.encrypted else None
    rows = (row for track in tracks for row in _rows(track.rendition, plan, planned, mpd))
    return Suite("protection", ProtectionRow, tuple(rows), RULES)


def _rows(
    rendition: Rendition | Subtitles, plan: Plan, key: ContentKey | None, mpd: DashManifest | None
) -> Iterator[ProtectionRow]:
    if isinstance(rendition, Subtitles):
        # Text stays in the clear: no player decrypts it.
        yield _playlist_row(rendition.playlist, NONE)
        return
    if plan.container == "cmaf":
        row = _rendition_row(rendition, key)
        yield row if mpd is None else _with_mpd(row, mpd.representation(rendition.name))
    for playlist in (rendition.playlist, rendition.i_frames):
        if playlist is not None:
            yield _playlist_row(playlist, _METHODS[plan.container] if key else NONE)


def _rendition_row(rendition: Rendition, key: ContentKey | None) -> ProtectionRow:
    found = rendition.track.protection if rendition.track else None
    return ProtectionRow(
        name=rendition.name,
        scheme=found.scheme if found else NONE,
        planned_scheme="cbcs" if key else NONE,
        pattern=found.pattern if found else None,
        planned_pattern=(_SOUND_PATTERN if rendition.i_frames is None else _PICTURE_PATTERN)
        if found
        else None,
        by_default=found.by_default if found else None,
        key_id=str(found.key_id) if found else NONE,
        planned_key_id=str(key.key_id) if key else NONE,
        clear_packets=sum(segment.decoded.clear_packets for segment in rendition.segments),
    )


def _with_mpd(row: ProtectionRow, said: Representation | None) -> ProtectionRow:
    key_id = str(said.key_id) if said and said.key_id else NONE
    return replace(row, mpd_key_id=key_id, planned_mpd_key_id=row.planned_key_id)


def _playlist_row(playlist: MediaPlaylist, planned_method: str) -> ProtectionRow:
    methods = {entry.key_method or NONE for entry in playlist.entries}
    return ProtectionRow(
        name=playlist.name,
        method=", ".join(sorted(methods)) or planned_method,
        planned_method=planned_method,
        keys_without_uri=sum(not key.uri for key in playlist.keys if key.method.upper() != "NONE"),
    )
