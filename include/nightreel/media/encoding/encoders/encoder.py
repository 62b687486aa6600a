"""An encoder of the picture: a codec, and the hardware that makes it, if any."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from nightreel.vocabulary.media import Hardware, VideoCodec

Family = Literal["software", Hardware]

HARDWARE: tuple[Hardware, ...] = get_args(Hardware)
"""In the order of preference."""

_SOFTWARE: dict[VideoCodec, str] = {"h264": "libx264", "hevc": "libx265", "av1": "libsvtav1"}


class Encoder(BaseModel):
    """One encoder of FFmpeg."""

    model_config = ConfigDict(frozen=True)

    codec: VideoCodec
    family: Family = "software"
    device: str = ""
    """What it works on, as in `/dev/dri/renderD128`; empty for software."""

    @property
    def name(self) -> str:
        """FFmpeg's name for it, as in `libx264` and `hevc_nvenc`."""
        return _SOFTWARE[self.codec] if self.family == "software" else f"{self.codec}_{self.family}"
