"""Terms that several packages share, each defined once. No drivers, no I/O."""
