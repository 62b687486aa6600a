"""What a source is, found out before anything is encoded, or why it is refused."""
