"""What a night takes: the candidate rows, their sizes, which of them fit, and the forecast."""
