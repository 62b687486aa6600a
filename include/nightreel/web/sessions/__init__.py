"""Signing in and out in a browser, if the app stands alone."""
