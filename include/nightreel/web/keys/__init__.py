"""Content keys for players, against short-lived tokens."""
