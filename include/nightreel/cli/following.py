"""Follows runs through Airflow's API, and their titles through the catalog."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from nightreel.catalog import Catalog, TitleStatus
from nightreel.cli.progress import RenditionProgress, RunProgress, TitleProgress
from nightreel.errors import CatalogUnavailable, ConfigurationError
from nightreel.runs.airflow_api import (
    AirflowClient,
    AirflowRefused,
    AirflowUnavailable,
    DagRun,
    TaskInstance,
)
from nightreel.runs.dags import BACKLOG_DAG, CONVERT_DAG, by_night
from nightreel.runs.progress import PROGRESS_KEY, EncodeProgress, NightProgress
from nightreel.runs.request import title_in
from nightreel.runs.states import is_over, step_state
from nightreel.runs.steps import NightStep, Step
from nightreel.vocabulary.title import Title

_ABSENCE_SECONDS = 120.0
_INTERVAL_SECONDS = 2.0
# Following must not take much of the API server's time from the tasks.
_SHARE_OF_TIME = 5.0


class _Job(BaseModel):
    """One of the encode jobs that the plan task passes to the transcode tasks."""

    model_config = ConfigDict(frozen=True)

    label: str


class ConversionRuns:
    """Follows runs of `convert_title`; asks only once about those that have ended."""

    def __init__(self, airflow: AirflowClient, catalog: Catalog) -> None:
        self._airflow = airflow
        self._catalog = catalog
        self._ended: dict[str, TitleProgress] = {}
        self._names: dict[Title, str] = {}
        self._labels: dict[str, tuple[str, ...]] = {}

    def look(self, run: DagRun) -> TitleProgress:
        """Its progress now; a run that has ended is looked up only once."""
        if not run.finished:
            return self._at_work(run)
        if run.dag_run_id not in self._ended:
            self._ended[run.dag_run_id] = self._after(run)
        return self._ended[run.dag_run_id]

    def _at_work(self, run: DagRun) -> TitleProgress:
        title = self._title_of(run)
        if run.state == "queued":
            return TitleProgress(title, run.dag_run_id)
        tasks = self._airflow.task_instances(CONVERT_DAG, run.dag_run_id)
        step = current_step(tasks)
        return TitleProgress(
            title,
            run.dag_run_id,
            name=self._name(title),
            step=step,
            renditions=self._renditions(run.dag_run_id, tasks) if step == Step.TRANSCODE else (),
            seconds=_seconds(run),
        )

    def _after(self, run: DagRun) -> TitleProgress:
        title = self._title_of(run)
        verdict = self._status(title)
        tasks = self._airflow.task_instances(CONVERT_DAG, run.dag_run_id) if run.state == "failed" else []
        failed = [task.task_id for task in tasks if task.state == "failed"]
        return TitleProgress(
            title,
            run.dag_run_id,
            name=verdict.title if verdict else "",
            seconds=_seconds(run),
            ended=True,
            failed_step=next((step for step in Step if step in failed), ""),
            verdict=verdict,
        )

    def _renditions(self, run_id: str, tasks: Sequence[TaskInstance]) -> tuple[RenditionProgress, ...]:
        mapped = sorted(
            (task for task in tasks if task.task_id == Step.TRANSCODE and task.map_index >= 0),
            key=lambda task: task.map_index,
        )
        return tuple(self._rendition(run_id, task) for task in mapped)

    def _rendition(self, run_id: str, task: TaskInstance) -> RenditionProgress:
        labels = self._labels_of(run_id)
        label = labels[task.map_index] if task.map_index < len(labels) else f"rendition {task.map_index + 1}"
        state = step_state(task.state)
        if state != "running":
            return RenditionProgress(label, state)
        kept = self._airflow.task_state(CONVERT_DAG, run_id, Step.TRANSCODE, PROGRESS_KEY, task.map_index)
        encode = EncodeProgress.read(kept)
        if encode is None:
            return RenditionProgress(label, state)
        return RenditionProgress(label, state, encode.percent, encode.speed, encode.eta_seconds)

    def _labels_of(self, run_id: str) -> tuple[str, ...]:
        """Labels by map index; from the plan, because Airflow names a mapped task only after it has ended."""
        if run_id not in self._labels:
            try:
                jobs = self._airflow.xcom(CONVERT_DAG, run_id, Step.PLAN)
                self._labels[run_id] = tuple(_Job.model_validate(job).label for job in jobs)
            except (AirflowRefused, ValidationError):
                return ()
        return self._labels[run_id]

    def _name(self, title: Title) -> str:
        if title not in self._names:
            status = self._status(title)
            self._names[title] = status.title if status else ""
        return self._names[title]

    def _title_of(self, run: DagRun) -> Title:
        title = title_in(run.conf, next(iter(self._catalog.mapping.content_types)))
        if title is None:
            raise ConfigurationError(f"the run {run.dag_run_id} has no title in its conf")
        return title

    def _status(self, title: Title) -> TitleStatus | None:
        return next(iter(self._catalog.titles.status(title.content_type, title.content_id)), None)


class FollowedNight:
    """Follows one run of `nightly_backlog`, and the runs that it triggers."""

    def __init__(self, airflow: AirflowClient, catalog: Catalog, run_id: str) -> None:
        self._airflow = airflow
        self._run_id = run_id
        self._conversions = ConversionRuns(airflow, catalog)
        self._step = ""

    def look(self) -> RunProgress:
        """The progress of the night and its titles. Raises AirflowUnavailable."""
        # The run first, so that the later requests see how it ended.
        run = self._airflow.run(BACKLOG_DAG, self._run_id)
        titles: tuple[TitleProgress, ...] = ()
        if run.start_date is not None:
            # One backlog runs at a time, so every run that a backlog has triggered since is its own.
            triggered = self._airflow.runs(CONVERT_DAG, since=run.start_date)
            titles = tuple(
                self._conversions.look(each) for each in reversed(triggered) if by_night(each.dag_run_id)
            )
        if run.state == "running":
            # Between two tasks, it shows the one before.
            self._step = first_at_work(self._airflow.task_instances(BACKLOG_DAG, self._run_id)) or self._step
        step = "" if run.finished else self._step
        left = self._titles_to_begin() if step == NightStep.CONVERT else 0
        return RunProgress(BACKLOG_DAG, self._run_id, run.state, step, _seconds(run), titles, left)

    def _titles_to_begin(self) -> int:
        kept = self._airflow.task_state(BACKLOG_DAG, self._run_id, NightStep.CONVERT, PROGRESS_KEY)
        night = NightProgress.read(kept)
        return night.waiting if night else 0


class FollowedTitle:
    """Follows one run of `convert_title`."""

    def __init__(self, airflow: AirflowClient, catalog: Catalog, run_id: str) -> None:
        self._airflow = airflow
        self._run_id = run_id
        self._conversions = ConversionRuns(airflow, catalog)

    def look(self) -> RunProgress:
        """The title's progress. Raises AirflowUnavailable."""
        run = self._airflow.run(CONVERT_DAG, self._run_id)
        title = self._conversions.look(run)
        return RunProgress(CONVERT_DAG, self._run_id, run.state, title.step, _seconds(run), (title,))


def follow(look: Callable[[], RunProgress], show: Callable[[RunProgress], None]) -> RunProgress:
    """Polls and shows the run until it has ended, and returns its last state.

    Waits through an outage of Airflow or the catalog of up to two minutes, as during a restart.
    """
    heard = time.monotonic()
    while True:
        began = time.monotonic()
        try:
            progress = look()
        except (AirflowUnavailable, CatalogUnavailable):
            if began - heard > _ABSENCE_SECONDS:
                raise
        else:
            heard = time.monotonic()
            show(progress)
            if progress.ended:
                return progress
        time.sleep(max(_INTERVAL_SECONDS, _SHARE_OF_TIME * (time.monotonic() - began)))


def current_step(tasks: Sequence[TaskInstance]) -> str:
    """The first step that is not done; empty if none has started."""
    if all(task.state is None for task in tasks):
        return ""
    for step in Step:
        states = [step_state(task.state) for task in tasks if task.task_id == step]
        if any(state not in ("done", "skipped") for state in states):
            return step
    return Step.NOTIFY


def first_at_work(tasks: Sequence[TaskInstance]) -> str:
    """The name of the unfinished task that started first."""
    began = [task for task in tasks if task.start_date and not is_over(step_state(task.state))]
    return min(began, key=lambda task: task.start_date or datetime.max).task_id if began else ""


def _seconds(run: DagRun) -> float:
    if run.start_date is None:
        return 0.0
    return max(0.0, ((run.end_date or datetime.now(UTC)) - run.start_date).total_seconds())
