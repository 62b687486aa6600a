"""Nightreel turns a catalog of MP4s into adaptive streams overnight."""

from nightreel.logs import keep_logs_clean

keep_logs_clean()
