"""The services that routes use, and how to reach them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import Depends, Request

from nightreel.catalog import Catalog, TitleAttempt
from nightreel.runs.airflow_api import AirflowClient
from nightreel.runs.dags import BACKLOG_DAG, CONVERT_DAG
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from nightreel.web.access import Caller


@dataclass(frozen=True)
class Services:
    """The catalog, the bucket and the Airflow of one installation. Safe to share between threads.

    Catalog and bucket are opened when the first request needs them: a server that cannot open them starts
    anyway, and says so in its responses.
    """

    settings: Settings
    open_catalog: Callable[[], Catalog]
    open_bucket: Callable[[], Bucket]
    airflow: Callable[[Caller], AirflowClient]
    """Airflow's API, used as this caller; for use in a `with`, by one thread."""
    airflow_pages: str = ""
    """Where a browser finds Airflow's own pages: a URL without a trailing slash, or a path."""

    @cached_property
    def catalog(self) -> Catalog:
        """Raises what opening it raises, at every use until it succeeds."""
        return self.open_catalog()

    @cached_property
    def bucket(self) -> Bucket:
        """Raises what opening it raises, at every use until it succeeds."""
        return self.open_bucket()

    @property
    def default_content_type(self) -> str:
        """The content type of requests that name none."""
        return self.settings.default_content_type or next(iter(self.catalog.mapping.content_types))

    def run_page(self, run_id: str) -> str:
        """Airflow's page of a title's run."""
        return self._page_of(CONVERT_DAG, run_id)

    def attempt_page(self, attempt: TitleAttempt) -> str:
        """Airflow's page of the attempt's run, or of the night that reserved the title."""
        return self._page_of(BACKLOG_DAG if attempt.reserved else CONVERT_DAG, attempt.run_id)

    def _page_of(self, dag_id: str, run_id: str) -> str:
        return f"{self.airflow_pages}/dags/{dag_id}/runs/{quote(run_id)}"

    def title_page(self, title: Title) -> str:
        """The title's page, below the app."""
        return f"/titles/{title.content_type}/{title.content_id}"


def services_of(request: Request) -> Services:
    """The services of this request's app."""
    return cast(Services, request.app.state.services)


async def _given(request: Request) -> Services:
    # Async, because FastAPI would run a plain function in a thread for every request.
    return services_of(request)


GivenServices = Annotated[Services, Depends(_given)]
"""The type of a route parameter that receives the services."""
