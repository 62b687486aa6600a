"""What tasks keep in their state while they run, for whoever follows them."""

from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PROGRESS_KEY: Final = "progress"
"""Under which a task keeps in its state how far it is."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    @classmethod
    def read(cls, kept: Any) -> Self | None:
        """None before anything was kept, or where another version kept another thing."""
        try:
            return cls.model_validate(kept)
        except ValidationError:
            return None


class EncodeProgress(_Kept):
    """How far an encode is. `speed` as a multiple of real time; `eta_seconds` None while unknown."""

    percent: float = Field(ge=0, le=100)
    speed: float
    eta_seconds: float | None


class NightProgress(_Kept):
    """How far a night is: titles that wait for a run, and runs that are at work."""

    waiting: int = Field(ge=0)
    in_work: int = Field(0, ge=0)
