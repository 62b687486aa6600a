"""What running tasks store in their state, for whoever follows them."""

from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PROGRESS_KEY: Final = "progress"
"""The key under which a task stores its progress."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    @classmethod
    def read(cls, kept: Any) -> Self | None:
        """The stored progress; None if there is none, or if another version stored something else."""
        try:
            return cls.model_validate(kept)
        except ValidationError:
            return None


class EncodeProgress(_Kept):
    """The progress of an encode. `speed` as a multiple of real time; `eta_seconds` None while unknown."""

    percent: float = Field(ge=0, le=100)
    speed: float
    eta_seconds: float | None


class NightProgress(_Kept):
    """The progress of a night: how many titles wait for a run."""

    waiting: int = Field(ge=0)
