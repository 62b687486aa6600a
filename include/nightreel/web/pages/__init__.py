"""The pages of the whole catalog, and what all pages share."""
