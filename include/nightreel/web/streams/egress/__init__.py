"""The only way from FFmpeg to the network: what a stream's source may name, and where it leads."""

from nightreel.web.streams.egress.destinations import Destinations
from nightreel.web.streams.egress.plain_urls import as_named, plain
from nightreel.web.streams.egress.relay import Relay

__all__ = ["Destinations", "Relay", "as_named", "plain"]
