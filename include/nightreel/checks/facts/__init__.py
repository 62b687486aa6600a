"""What a release is, measured from its files and never taken from the programs that made them."""
