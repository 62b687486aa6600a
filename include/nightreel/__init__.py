"""Nightreel turns a catalog of MP4s into adaptive streams overnight."""
