"""The work area: where one run's files live between tasks, gone when the run ends.

A task asks for a local path to write to and keeps what it wrote there for the tasks after it;
those fetch it by the same name.
"""

from nightreel.workspace.area import WorkArea, WorkAreaLost
from nightreel.workspace.locations import Alive, abort_in_areas, bucket_of, open_area, sweep_areas
from nightreel.workspace.runs import parse_run_key, run_key

__all__ = [
    "Alive",
    "WorkArea",
    "WorkAreaLost",
    "abort_in_areas",
    "bucket_of",
    "open_area",
    "parse_run_key",
    "run_key",
    "sweep_areas",
]
