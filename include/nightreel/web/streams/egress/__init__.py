"""The only way from FFmpeg to the network; `nightreel.sources.destinations` decides where it leads."""

from nightreel.web.streams.egress.plain_urls import as_named, plain
from nightreel.web.streams.egress.relay import Relay

__all__ = ["Relay", "as_named", "plain"]
