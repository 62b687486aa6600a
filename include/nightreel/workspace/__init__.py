"""The work area: where one run's files live between tasks, gone when the run ends.

A task asks for a local path to write to and keeps what it wrote there for the tasks after it;
those fetch it by the same name.
"""
