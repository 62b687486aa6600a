"""How a release is encrypted: its key, and what players are told about it.

`nightreel.catalog` makes the keys and stores them encrypted; nothing else stores one.
"""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

ProtectionSystem = Literal["widevine", "fairplay"]
Scheme = Literal["aes-128", "cbcs"]
"""Whole segments (RFC 8216, 4.3.2.4), or a pattern within samples (ISO/IEC 23001-7, 10.4)."""


@dataclass(frozen=True)
class ContentKey:
    """The key of one release: 16 bytes, for AES-128 in CBC mode (RFC 8216, 4.3.2.4) and for cbcs."""

    key_id: UUID
    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    """16 bytes."""


@dataclass(frozen=True)
class Protection:
    """The key of a release and where players get it.

    `key_uri` is what HLS playlists name, `license_url` the ClearKey server that the MPD names
    (empty: none). `systems` are signalled beside ClearKey; `fairplay_uri` is FairPlay's own
    `skd://` address.
    """

    key: ContentKey
    key_uri: str
    license_url: str = ""
    systems: tuple[ProtectionSystem, ...] = ()
    fairplay_uri: str = ""
