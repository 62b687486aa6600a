"""On-the-fly streams: a source is encoded while somebody watches, and nothing is kept."""
