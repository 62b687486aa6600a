"""Watching and judging conversions: a title's page, and the tabs of a run."""
