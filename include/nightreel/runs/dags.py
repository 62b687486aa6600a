"""The ids of the DAGs, and of the runs that a night starts."""

import re
from collections.abc import Mapping
from typing import Final

from nightreel.vocabulary.title import Title

BACKLOG_DAG: Final = "nightly_backlog"
CONVERT_DAG: Final = "convert_title"
HOUSEKEEPING_DAG: Final = "housekeeping"

WHILE_PAUSED: Final[Mapping[str, str]] = {
    BACKLOG_DAG: "no night begins",
    CONVERT_DAG: "no title is converted, neither by a night nor by hand",
    HOUSEKEEPING_DAG: "nothing is cleaned up, and titles of dead runs stay claimed",
}
"""What does not happen while a DAG is paused."""

NIGHT_PREFIX: Final = "backlog__"
"""The prefix of the ids of all runs that a night started, and of no others."""
_NIGHT_LENGTH = 32
_TOKEN_LENGTH = 12


def by_night(run_id: str) -> bool:
    """Whether a night started this run; a person or a program started all others."""
    return run_id.startswith(NIGHT_PREFIX)


def title_run_id(night: str, title: Title, token: str) -> str:
    """The id of the run that adopts the night's claim with this token.

    A retry gets the same id, so that no claim gets two runs. Two claims get two ids, whatever the
    night's own id looks like. Shorter than the 250 characters that Airflow allows.
    """
    short_night = re.sub(r"[^0-9A-Za-z]", "", night.rpartition("__")[2])[:_NIGHT_LENGTH]
    return (
        f"{NIGHT_PREFIX}{short_night}__{title.content_type}_{title.content_id}"
        f"__{token.replace('-', '')[:_TOKEN_LENGTH]}"
    )
