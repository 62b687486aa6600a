"""Ids of the runs of `convert_title`. Light: Airflow's cluster policy reads it at every start."""

import re

from nightreel.runs.dags import NIGHT_PREFIX
from nightreel.vocabulary.title import Title

_NIGHT_LENGTH = 32
_TOKEN_LENGTH = 12


def title_run_id(night: str, title: Title, token: str) -> str:
    """The id of the run that is to adopt the night's claim with this token.

    The same at a retry, so that no claim gets two runs; another one for every claim, whatever
    the night's own id looks like. Below Airflow's 250 characters.
    """
    short_night = re.sub(r"[^0-9A-Za-z]", "", night.rpartition("__")[2])[:_NIGHT_LENGTH]
    return (
        f"{NIGHT_PREFIX}{short_night}__{title.content_type}_{title.content_id}"
        f"__{token.replace('-', '')[:_TOKEN_LENGTH]}"
    )
