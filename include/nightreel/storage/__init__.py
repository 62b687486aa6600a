"""The bucket: what is uploaded, published, listed, deleted and fetched from it."""
