"""What people look at: library, tonight, a title, a run."""
