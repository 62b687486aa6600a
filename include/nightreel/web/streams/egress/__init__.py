"""FFmpeg's only way to the network; `nightreel.sources.destinations` decides where it may lead."""

from nightreel.web.streams.egress.plain_urls import as_named, plain
from nightreel.web.streams.egress.relay import Relay

__all__ = ["Relay", "as_named", "plain"]
