"""Conversions asked for, and how far they are."""
