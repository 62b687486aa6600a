"""Nightreel turns a catalog of MP4s into adaptive streams overnight."""

from nightreel.logs import keep_lines_whole

keep_lines_whole()
