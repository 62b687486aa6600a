"""Words that several rooms share, each said once. No drivers, no I/O."""
