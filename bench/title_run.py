"""One title's run through the real stack: what Airflow and the catalog say about it."""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep

import psycopg2
from pydantic import BaseModel, ConfigDict

from bench.itemise import Item, Kind, Span, itemise
from nightreel.deployment import Deployment
from nightreel.errors import Transient
from nightreel.media.planning.plan import Plan
from nightreel.runs.airflow_api import AirflowClient, AirflowUnavailable, DagRun, TaskInstance
from nightreel.runs.dags import CONVERT_DAG
from nightreel.runs.request import ConversionRequest
from nightreel.runs.steps import Step as Task
from nightreel.sources.intake import upload_source
from nightreel.vocabulary.title import Title

_LIMIT_SECONDS = 4 * 3600.0
# Asking more often would take the API server's time from the tasks.
_INTERVAL_SECONDS = 2.0


class RunFailed(Transient):
    """The title's run is not a valid measurement; the message says why."""


class Program(BaseModel):
    """A program that a step ran. Times in seconds since the epoch, processor time in seconds."""

    model_config = ConfigDict(frozen=True)

    program: str
    began: float
    ended: float
    cpu_seconds: float

    @property
    def is_ffmpeg(self) -> bool:
        """Whether it is FFmpeg, in any version."""
        return self.program.startswith("ffmpeg")


class Part(BaseModel):
    """A kind of work within a step: seconds, and processor time of its own Python and of its programs."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    cpu_seconds: float
    child_cpu_seconds: float


class Step(BaseModel):
    """What a task recorded about itself (`nightreel.attempts.timings`). Times in seconds, memory in bytes."""

    model_config = ConfigDict(frozen=True)

    began: float
    seconds: float
    cpu_seconds: float
    child_cpu_seconds: float
    peak_bytes: int
    child_peak_bytes: int
    programs: tuple[Program, ...]
    parts: Mapping[str, Part]


@dataclass(frozen=True)
class TitleRun:
    """A run that published its title. Times in seconds since the epoch.

    `steps` are by name: that of the task, with the label of a mapped one after it.
    """

    queued: float
    began: float
    ended: float
    tasks: tuple[Span, ...]
    steps: Mapping[str, Step]
    plan: Plan

    @property
    def seconds(self) -> float:
        """Seconds from its start to its end."""
        return self.ended - self.began

    @property
    def seconds_to_publish(self) -> float:
        """Seconds from its start, which is that of `claim`, to the end of `publish`."""
        return max(task.ended for task in self.tasks if task.task == Task.PUBLISH) - self.began

    @property
    def seconds_since_queued(self) -> float:
        """Seconds from its queueing to its end."""
        return self.ended - self.queued

    @property
    def encoding_cpu_seconds(self) -> float:
        """CPU time of every FFmpeg that made a rendition."""
        return sum(
            step.child_cpu_seconds for name, step in self.steps.items() if _task(name) == Task.TRANSCODE
        )

    @property
    def encoding(self) -> tuple[float, float]:
        """When the first rendition was started, and when the last one was done."""
        times = self._encodes
        return min(step.began for step in times), max(step.began + step.seconds for step in times)

    @property
    def _encodes(self) -> list[Step]:
        return [step for name, step in self.steps.items() if _task(name) == Task.TRANSCODE]

    def items(self) -> list[Item]:
        """Where the run's seconds went."""
        programs = [(_task(name), each) for name, step in self.steps.items() for each in step.programs]
        spans: dict[Kind, list[Span]] = {
            "ffmpeg": [Span(task, each.began, each.ended) for task, each in programs if each.is_ffmpeg],
            "tools": [Span(task, each.began, each.ended) for task, each in programs if not each.is_ffmpeg],
            "work": [
                Span(_task(name), step.began, step.began + step.seconds) for name, step in self.steps.items()
            ],
            "task": list(self.tasks),
        }
        return itemise((self.began, self.ended), spans)


def add(place: Deployment, title: Title, path: Path) -> None:
    """Adds a file to the bucket and the catalog of a deployment."""
    url = upload_source(place.bucket(), path, title, lambda _: None)
    place.catalog().titles.add(title, f"Bench {title.content_id}", url)


def new_run_id() -> str:
    """An unused run id."""
    return f"bench__{token_hex(4)}"


def convert(place: Deployment, title: Title, run_id: str | None = None, *, first: bool = False) -> TitleRun:
    """Converts the title, even if it is published, and waits for it. `first`: only a first release.

    Raises RunFailed when the run failed or took more than four hours, or a task needed a second try.
    """
    run_id = run_id or new_run_id()
    with place.airflow() as airflow:
        airflow.trigger(CONVERT_DAG, ConversionRequest(title, force=True, first=first).conf(), run_id)
        run = _ended(airflow, run_id)
        tasks = airflow.task_instances(CONVERT_DAG, run_id)
    _require_clean(place, title, run, tasks)
    steps, plan = _recorded(place, run_id)
    return TitleRun(
        queued=_moment(run.queued_at),
        began=_moment(run.start_date),
        ended=_moment(run.end_date),
        tasks=tuple(Span(task.task_id, _moment(task.start_date), _moment(task.end_date)) for task in tasks),
        steps=steps,
        plan=plan,
    )


def _ended(airflow: AirflowClient, run_id: str) -> DagRun:
    deadline = monotonic() + _LIMIT_SECONDS
    while monotonic() < deadline:
        with suppress(AirflowUnavailable):
            run = airflow.run(CONVERT_DAG, run_id)
            if run.finished:
                return run
        sleep(_INTERVAL_SECONDS)
    raise RunFailed(f"{CONVERT_DAG} {run_id} did not finish within {_LIMIT_SECONDS:.0f} s")


def _require_clean(place: Deployment, title: Title, run: DagRun, tasks: Sequence[TaskInstance]) -> None:
    page = place.run_page(run.dag_id, run.dag_run_id)
    (status,) = place.catalog().titles.status(title.content_type, title.content_id)
    if run.state != "success" or status.state != "published":
        raise RunFailed(f"{title} is {status.state}, not published: {status.reason or f'see {page}'}")
    if repeated := [task.task_id for task in tasks if task.try_number > 1]:
        raise RunFailed(
            f"{title}: {', '.join(repeated)} needed a second try, so nothing was measured: {page}"
        )


def _recorded(place: Deployment, run_id: str) -> tuple[dict[str, Step], Plan]:
    dsn = place.settings.catalog_dsn.get_secret_value()
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT timings, plan FROM nightreel.attempts WHERE owner = %s", (run_id,))
        timings, plan = cursor.fetchone() or ({}, {})
    return steps_of(timings), Plan.model_validate(plan)


def steps_of(timings: Mapping[str, object]) -> dict[str, Step]:
    """The steps of an attempt as they recorded themselves, by name."""
    return {name: Step.model_validate(recorded) for name, recorded in timings.items()}


def _task(step: str) -> str:
    """`transcode 720p` is a step of the task `transcode`."""
    return step.partition(" ")[0]


def _moment(time: datetime | None) -> float:
    if time is None:
        raise RunFailed("Airflow does not say when the run, or a task of it, began and ended")
    return time.timestamp()
