"""Telling others what happened: signed webhooks, and sentences through Apprise."""
