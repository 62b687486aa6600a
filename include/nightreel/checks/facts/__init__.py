"""What a release is, measured from its files and never taken from what made them."""
