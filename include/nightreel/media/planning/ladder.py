"""The ladder: the allowed renditions, as plain data in `config/ladder.yaml`."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.media import Preset


class Rung(BaseModel):
    """One allowed rendition of the picture. Bit rates in bits per second."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    height: int = Field(ge=2, le=4320, multiple_of=2)
    """Lines of the picture, an even number for 4:2:0; for portrait sources, the width (the shorter side)."""
    video_bps: int = Field(ge=10_000)
    """Target average rate of the picture."""
    audio_bps: int = Field(ge=32_000, le=512_000)
    """Rate of the stereo sound if this is a title's best rung."""
    maxrate_factor: float = Field(1.1, ge=1.0, le=1.6)
    """Cap of the picture's rate over the target. Because of the buffer, the peak of a 6 s segment is a
    quarter above the cap: at most 200 % of the target (Apple HLS authoring rule 1.30)."""
    preset: Preset = "fast"
    """How the encoder trades speed for size, in x264's names; other encoders take the nearest setting."""

    @property
    def name(self) -> str:
        """For example, `360p`."""
        return f"{self.height}p"


class Ladder(BaseModel):
    """Rungs from the lowest to the highest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rungs: tuple[Rung, ...] = Field(min_length=1)
    quality: Literal["target", "fixed"] = "target"
    """`target` spends on each title only what `target_vmaf` needs, and at most what the rungs allow; `fixed`
    spends their rates on every title."""
    target_vmaf: float = Field(95.0, ge=50.0, le=99.0)
    """Of each rendition, compared with the source at the rendition's own size."""

    @property
    def wanted_vmaf(self) -> float | None:
        """The target; None if the rates are fixed."""
        return self.target_vmaf if self.quality == "target" else None

    @model_validator(mode="after")
    def _rising(self) -> "Ladder":
        for lower, higher in zip(self.rungs, self.rungs[1:], strict=False):
            if higher.height <= lower.height or higher.video_bps <= lower.video_bps:
                raise ValueError(
                    f"rungs must rise in height and video_bps, but {higher.name} follows {lower.name}"
                )
        return self

    def only(self, names: tuple[str, ...]) -> "Ladder":
        """The ladder with only the named rungs, such as `("360p", "720p")`.

        Raises ConfigurationError for a name that is no rung, and if none is named.
        """
        known = [rung.name for rung in self.rungs]
        if not names:
            raise ConfigurationError(f"ladder: no rung is named; the rungs are {', '.join(known)}")
        if unknown := [name for name in names if name not in known]:
            raise ConfigurationError(
                f"ladder: no rung {', '.join(unknown)}; the rungs are {', '.join(known)}"
            )
        return self.model_copy(update={"rungs": tuple(rung for rung in self.rungs if rung.name in names)})

    def for_height(self, height: int) -> tuple[Rung, ...]:
        """The rungs for a source whose picture has `height` lines (shorter side), never upscaled.

        A source lower than the lowest rung gets one rung of its own size. A source that is more than a
        tenth above its best rung gets one more at its own size, with a rate in proportion to the pixels,
        so that no detail is lost.
        """
        own = height - height % 2
        fitting = tuple(rung for rung in self.rungs if rung.height <= own)
        if not fitting:
            return (_scaled(self.rungs[0], own),)
        best = fitting[-1]
        if best is not self.rungs[-1] and own > best.height * 1.1:
            return (*fitting, _scaled(best, own))
        return fitting


def _scaled(rung: Rung, height: int) -> Rung:
    # The rate grows more slowly than the pixels; 0.75 is the exponent customary for H.264 ladders.
    factor = (height / rung.height) ** (2 * 0.75)
    return rung.model_copy(update={"height": height, "video_bps": max(50_000, int(rung.video_bps * factor))})


def load_ladder(path: Path) -> Ladder:
    """Read a ladder. Raises ConfigurationError naming the file and the fault."""
    try:
        return Ladder.model_validate(yaml.safe_load(path.read_text()))
    except FileNotFoundError:
        raise ConfigurationError(f"no ladder at {path}; set NIGHTREEL_LADDER to one") from None
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"{path.name} is not a valid ladder: {error}") from None
