"""What the page of a title, and the tab of a run, show."""

from collections.abc import Sequence
from dataclasses import dataclass

from nightreel.catalog.attempts import TitleAttempt
from nightreel.catalog.library import TitleRecord
from nightreel.vocabulary.title import Title
from nightreel.web.reports.pages import ReportPage, report_pages
from nightreel.web.services import Services
from nightreel.web.watch.measured import MeasuredRelease, measured_release
from nightreel.web.watch.plot import RatePlot, rate_plot
from nightreel.web.watch.steps import Step, steps_of


@dataclass(frozen=True)
class Watched:
    """A release that can be played. URLs are public ones; `dash_url` is None for HLS alone."""

    release: str
    hls_url: str
    dash_url: str | None
    sprites_url: str | None
    measured: MeasuredRelease
    plot: RatePlot | None

    @property
    def shape(self) -> str:
        """The sides of the picture, for CSS."""
        best = next(iter(self.measured.pictures), None)
        return f"{best.width} / {best.height}" if best and best.width else "16 / 9"


@dataclass(frozen=True)
class PastAttempt:
    """One attempt of the history: its steps, and where Airflow shows its run."""

    attempt: TitleAttempt
    steps: tuple[Step, ...]
    run_page: str
    has_report: bool


@dataclass(frozen=True)
class WatchPage:
    """A title, and the release that is watched. `run_id` is the run that is shown, if the page is a run's;
    `live` the one whose progress is followed."""

    title: Title
    record: TitleRecord
    watched: Watched | None
    history: tuple[PastAttempt, ...]
    report: tuple[ReportPage, ...]
    run_page: str
    live: str | None
    run_id: str | None = None
    attempt: PastAttempt | None = None

    @property
    def is_superseded(self) -> bool:
        """Whether viewers are sent to another release than the one on the page."""
        return self.watched is not None and self.watched.release != self.record.release


def page_of_title(services: Services, record: TitleRecord) -> WatchPage:
    """The title with its published release, at the URLs that viewers have. Raises StorageUnavailable."""
    title = Title(record.content_type, record.content_id)
    watched = None
    if record.release and record.hls_url:
        watched = _watched(services, title, record.release, record.hls_url, record.dash_url)
    return WatchPage(
        title=title,
        record=record,
        watched=watched,
        history=_history(services, title, services.catalog.attempts.of(title)),
        report=report_pages(services.settings.reports, title, record.release) if record.release else (),
        run_page=services.run_page(record.run_id) if record.run_id else "",
        live=record.run_id,
    )


def page_of_run(services: Services, record: TitleRecord, run_id: str) -> WatchPage:
    """The title with the release that a run made, or is making. Raises StorageUnavailable."""
    title = Title(record.content_type, record.content_id)
    history = _history(services, title, services.catalog.attempts.of(title))
    mine = next((each for each in history if each.attempt.run_id == run_id), None)
    release = mine.attempt.release if mine else None
    published = mine is not None and mine.attempt.outcome == "published"
    over = mine is not None and mine.attempt.outcome is not None
    return WatchPage(
        title=title,
        record=record,
        watched=_watched(services, title, release) if release and published else None,
        history=(mine,) if mine else (),
        report=report_pages(services.settings.reports, title, release) if release else (),
        run_page=services.run_page(run_id),
        live=None if over else run_id,
        run_id=run_id,
        attempt=mine,
    )


def _watched(
    services: Services, title: Title, release: str, hls_url: str | None = None, dash_url: str | None = None
) -> Watched | None:
    """The release at the given URLs, or at its own, which lead to nothing newer."""
    measured = measured_release(services.bucket, title, release)
    if measured is None:
        return None
    url_of = services.bucket.public_url_of
    if hls_url is None:
        hls_url = url_of(measured.master_key)
        dash_url = url_of(measured.mpd_key) if measured.mpd_key else None
    return Watched(
        release=release,
        hls_url=hls_url,
        dash_url=dash_url,
        sprites_url=url_of(measured.sprites_key) if measured.sprites_key else None,
        measured=measured,
        plot=rate_plot(measured.pictures),
    )


def _history(services: Services, title: Title, attempts: Sequence[TitleAttempt]) -> tuple[PastAttempt, ...]:
    return tuple(
        PastAttempt(
            attempt=attempt,
            steps=steps_of(attempt.timings),
            run_page=services.attempt_page(attempt),
            has_report=bool(report_pages(services.settings.reports, title, attempt.release)),
        )
        for attempt in attempts
    )
