"""Watching and judging conversions: the page of a title, and the tabs of a run."""
