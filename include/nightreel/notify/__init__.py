"""Tells others what happened: signed webhooks, and messages through Apprise."""
