"""Plans which renditions a title gets, and on which grid, from what its source is."""
