"""Signing in and out with a browser, where the app stands alone."""
