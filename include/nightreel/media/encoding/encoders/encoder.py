"""A video encoder: a codec, and the hardware that does it, if any."""

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
    """The device that it uses, such as `/dev/dri/renderD128`; empty for software."""

    @property
    def name(self) -> str:
        """FFmpeg's name for it, such as `libx264` or `hevc_nvenc`."""
        return _SOFTWARE[self.codec] if self.family == "software" else f"{self.codec}_{self.family}"
