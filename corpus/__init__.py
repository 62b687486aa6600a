"""What comes out of awkward sources: a table and pictures, made by `make corpus`."""
