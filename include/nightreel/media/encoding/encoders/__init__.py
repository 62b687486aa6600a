"""The encoders of the picture: which there are, and the options that make each cut on the plan's grid."""

from nightreel.media.encoding.encoders.encoder import HARDWARE, Encoder, Family, Hardware
from nightreel.media.encoding.encoders.options import device_arguments, uploaded, video_options

__all__ = ["HARDWARE", "Encoder", "Family", "Hardware", "device_arguments", "uploaded", "video_options"]
