"""The tasks of `nightly_backlog`, one module each: scan → check → convert → report."""
