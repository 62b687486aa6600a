"""The request with which a run of `convert_title` is started."""

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
    """A requested conversion: ids and choices, never text that people wrote.

    `first` asks for a first release alone. `ladder` limits the renditions, by name; empty for all that
    fit. `encrypt` None keeps the earlier choice. `claim` is the token of a night's claim that the run is
    to adopt.
    """

    title: Title
    force: bool = False
    first: bool = False
    ladder: tuple[str, ...] = ()
    encrypt: bool | None = None
    sound: bool = True
    claim: str | None = None

    def __post_init__(self) -> None:
        """Raises ConfigurationError for choices that contradict each other."""
        if self.first and (self.ladder or not self.sound):
            raise ConfigurationError(
                "a first release is completed later, with all renditions and sounds that the title can have: "
                "leave out first to choose them"
            )

    def conf(self) -> dict[str, Any]:
        """The run's conf; what was not requested is left to the DAG's parameters."""
        conf: dict[str, Any] = {
            "content_type": self.title.content_type,
            "content_id": self.title.content_id,
        }
        if self.force:
            conf["force"] = True
        if self.first:
            conf["first"] = True
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

        Raises ConfigurationError for ids that name no title, and for choices that contradict each other.
        """
        return cls(
            title=Title(params["content_type"], str(params["content_id"])),
            force=bool(params["force"]),
            first=bool(params["first"]),
            ladder=tuple(params["ladder"] or ()),
            encrypt=ENCRYPTION_CHOICES.get(params["encrypt"]),
            sound=bool(params["sound"]),
            claim=(conf or {}).get("claim"),
        )


def title_in(conf: Mapping[str, Any] | None, default_type: str) -> Title | None:
    """The title that a run's conf names; None if it names none.

    `default_type` is the first choice in the form, for a conf without a content type.
    """
    if conf is None or "content_id" not in conf:
        return None
    try:
        return Title(str(conf.get("content_type") or default_type), str(conf["content_id"]))
    except ConfigurationError:
        return None
