"""The tasks of `convert_title`, a module each, in the order of the graph:

claim → fetch → plan → transcode[] → package → validate → upload → publish, and cleanup.
"""
