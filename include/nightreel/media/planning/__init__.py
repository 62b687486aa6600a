"""Which renditions a title gets, on which grid, from what its source is."""
