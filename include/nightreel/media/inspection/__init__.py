"""Examines a source before anything is encoded: what it is, or why it is refused."""
