"""On-the-fly streams: a source is encoded while somebody watches it, and nothing is kept."""
