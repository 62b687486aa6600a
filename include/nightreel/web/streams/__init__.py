"""Streams on the fly: a source is encoded while somebody watches it, and nothing of it is kept."""
