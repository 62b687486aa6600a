"""The work area: where one run keeps its files between tasks, until the run ends.

A task asks for a local path, writes there, and keeps the file for later tasks, which fetch it by the same
name.
"""
