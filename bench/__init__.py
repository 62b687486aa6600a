"""What Nightreel costs, as ratios to commands that a person could type instead. See README.md."""
