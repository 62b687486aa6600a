"""The types of the settings: what an environment variable may contain, and how it is read."""

from typing import Annotated, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

_Item = TypeVar("_Item")


def _web_url(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise ValueError("must start with https:// (or http:// for a local stand-in)")
    return url.rstrip("/")


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be a time zone of the IANA list, as Europe/Berlin")
    return name


def _folder_or_prefix(location: str) -> str:
    # The first two separate the fields of Shaka Packager's descriptors, and the third marks what it fills
    # in. FFmpeg puts a segment's number in place of the fourth. Neither has an escape.
    if any(sign in location for sign in ",=$%"):
        raise ValueError("must not contain , or = or $ or %")
    return location


def _items(value: object) -> object:
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value


def _words(value: object) -> object:
    return _items(value.lower() if isinstance(value, str) else value)


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


WebUrl = Annotated[str, AfterValidator(_web_url)]
"""Without a slash at its end; may be empty."""

TimeZone = Annotated[str, AfterValidator(_time_zone)]

WorkAreaLocation = Annotated[str, AfterValidator(_folder_or_prefix)]

Words = Annotated[tuple[_Item, ...], NoDecode, BeforeValidator(_words)]
"""Separated by commas; case does not matter."""

Folders = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_items)]
"""Separated by commas."""

SecondsOrNever = Annotated[int | None, BeforeValidator(_none_if_empty)]
"""Empty means never."""
