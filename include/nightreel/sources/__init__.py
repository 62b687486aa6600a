"""Where a title's source may be, and how it is fetched. A source is only ever read."""
