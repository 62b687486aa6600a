"""Requested conversions, and their progress."""
