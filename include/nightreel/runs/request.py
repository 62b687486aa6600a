"""What a run of `convert_title` is started with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title

UNDECIDED: Final = "default"
ENCRYPTION_CHOICES: Final[Mapping[str, bool]] = {"yes": True, "no": False}
_WORDS: Final = {decided: word for word, decided in ENCRYPTION_CHOICES.items()}


@dataclass(frozen=True)
class ConversionRequest:
    """A conversion that was asked for: ids and choices, never what people wrote.

    `ladder` limits the renditions, by name; empty for all that fit. `encrypt` None leaves it to
    what was chosen before. `claim` is the token of a night's claim that the run is to adopt.
    """

    title: Title
    force: bool = False
    ladder: tuple[str, ...] = ()
    encrypt: bool | None = None
    sound: bool = True
    claim: str | None = None

    def conf(self) -> dict[str, Any]:
        """The run's conf; what nobody asked for is left to the DAG's parameters."""
        conf: dict[str, Any] = {
            "content_type": self.title.content_type,
            "content_id": self.title.content_id,
        }
        if self.force:
            conf["force"] = True
        if self.ladder:
            conf["ladder"] = list(self.ladder)
        if self.encrypt is not None:
            conf["encrypt"] = _WORDS[self.encrypt]
        if not self.sound:
            conf["sound"] = False
        if self.claim:
            conf["claim"] = self.claim
        return conf

    @classmethod
    def of_run(cls, params: Mapping[str, Any], conf: Mapping[str, Any] | None) -> Self:
        """From a run's parameters, which Airflow has checked, and its conf.

        Raises ConfigurationError for ids that name no title.
        """
        return cls(
            title=Title(params["content_type"], str(params["content_id"])),
            force=bool(params["force"]),
            ladder=tuple(params["ladder"] or ()),
            encrypt=ENCRYPTION_CHOICES.get(params["encrypt"]),
            sound=bool(params["sound"]),
            claim=(conf or {}).get("claim"),
        )


def title_in(conf: Mapping[str, Any] | None, default_type: str) -> Title | None:
    """The title that a run's conf names; None where it names none.

    `default_type` is what the form of a run offers first, for a conf without a content type.
    """
    if conf is None or "content_id" not in conf:
        return None
    try:
        return Title(str(conf.get("content_type") or default_type), str(conf["content_id"]))
    except ConfigurationError:
        return None
