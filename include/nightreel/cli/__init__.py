"""The command line `nightreel`: for the embedded stack, and for your own deployment."""

from nightreel.cli.application import app

__all__ = ["app"]
