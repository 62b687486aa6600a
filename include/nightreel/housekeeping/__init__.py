"""What no longer belongs to anything: each kind is found, reported and deleted by its own rule."""
