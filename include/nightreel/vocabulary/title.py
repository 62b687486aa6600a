"""A title: a movie or an episode, named by content type and content id."""

import re
from dataclasses import dataclass

from nightreel.errors import ConfigurationError

CONTENT_TYPE = re.compile(r"[a-z][a-z0-9_]{0,31}")
LONGEST_CONTENT_ID = 128
_FIRST, _FURTHER = "[A-Za-z0-9]", "[A-Za-z0-9_-]"
CONTENT_ID = re.compile(f"{_FIRST}{_FURTHER}{{0,{LONGEST_CONTENT_ID - 1}}}")
CONTENT_ID_OF_ANY_LENGTH = f"{_FIRST}{_FURTHER}*"


@dataclass(frozen=True, order=True)
class Title:
    """The identity of a title. Safe to build paths and object keys from.

    Both parts are validated on construction, so that no slash, dot or empty part can reach a path or a
    key. `content_id` is the user's primary key as text (an integer or a UUID).

    Raises ConfigurationError when a part has any other shape.
    """

    content_type: str
    content_id: str

    def __post_init__(self) -> None:
        if not CONTENT_TYPE.fullmatch(self.content_type):
            raise ConfigurationError(
                f"content type {self.content_type!r} must be lower-case letters, digits and _, "
                "starting with a letter"
            )
        if not CONTENT_ID.fullmatch(self.content_id):
            raise ConfigurationError(
                f"content id {self.content_id!r} must be letters, digits, - and _ (an integer or a UUID)"
            )

    @property
    def folder(self) -> str:
        """`movies/123/`: the folder of its objects, below each of the bucket's prefixes."""
        return f"{self.content_type}s/{self.content_id}/"

    def __str__(self) -> str:
        return f"{self.content_type} {self.content_id}"
