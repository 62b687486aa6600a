"""The video encoders, and the options that make each of them follow the plan's grid."""

from nightreel.media.encoding.encoders.encoder import HARDWARE, Encoder, Family
from nightreel.media.encoding.encoders.options import device_arguments, uploaded, video_options

__all__ = ["HARDWARE", "Encoder", "Family", "device_arguments", "uploaded", "video_options"]
