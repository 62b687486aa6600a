"""Where a title's source may be, and how it is fetched. Sources are only ever read."""
