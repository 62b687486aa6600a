"""What a source is, learnt before anything is encoded: or why it is refused."""
