"""Thumbnails, sprite sheets and the poster."""
