"""The ids of the DAGs, and of the runs that a night starts."""

from collections.abc import Mapping
from typing import Final

BACKLOG_DAG: Final = "nightly_backlog"
CONVERT_DAG: Final = "convert_title"
HOUSEKEEPING_DAG: Final = "housekeeping"

WHILE_PAUSED: Final[Mapping[str, str]] = {
    BACKLOG_DAG: "no night begins",
    CONVERT_DAG: "no title is converted, neither by a night nor by hand",
    HOUSEKEEPING_DAG: "nothing is cleaned up, and titles of dead runs stay claimed",
}
"""What is not done while a DAG is paused."""

NIGHT_PREFIX: Final = "backlog__"
"""Begins the id of every run that a night started, and of no other."""
