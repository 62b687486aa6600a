"""Catalog and bucket together: a release is uploaded, published, read back, superseded, withdrawn."""
