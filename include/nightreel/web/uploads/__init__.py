"""Incoming sources: whole, and in resumable chunks."""
