"""The tasks of `nightly_backlog`, a module each: scan → check → convert → report."""
