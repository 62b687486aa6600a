"""Sources coming in: whole, and in chunks that may be resumed."""
