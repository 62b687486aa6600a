"""Streams made on the fly, while somebody watches."""
