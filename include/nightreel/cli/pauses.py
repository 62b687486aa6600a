"""Which of Nightreel's DAGs are paused, for commands that must work without Airflow too."""

import typer

from nightreel.deployment import Deployment
from nightreel.errors import NightreelError
from nightreel.runs.dags import WHILE_PAUSED
from nightreel.text import one_line

_PATIENCE_SECONDS = 3.0


def told_pauses(place: Deployment) -> tuple[str, ...] | None:
    """The paused DAGs, each reported on standard error with what does not happen; None if not known.

    An Airflow that does not answer is only reported. One that the settings do not name is not asked.
    """
    if not place.settings.airflow_url:
        return None
    try:
        with place.airflow(_PATIENCE_SECONDS) as airflow:
            paused = airflow.paused(WHILE_PAUSED)
    except NightreelError as error:
        typer.echo(f"Whether DAGs are paused is not known: {one_line(str(error), 500)}", err=True)
        return None
    for dag_id in paused:
        typer.echo(f"{dag_id} is paused in Airflow: {WHILE_PAUSED[dag_id]} until it is resumed.", err=True)
    return paused
