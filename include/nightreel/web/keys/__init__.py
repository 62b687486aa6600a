"""Content keys for players, in exchange for short-lived tokens."""
