"""The pages of the whole catalog, and what every page is made of."""
