"""Where a title's source may be, and how it is brought here. A source is only ever read."""
