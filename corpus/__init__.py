"""Converts awkward sources, and shows the results: a table and pictures, made by `make corpus`."""
