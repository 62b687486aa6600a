"""What a night takes: the rows to choose from, their sizes, which of them fit, and how it should go."""
