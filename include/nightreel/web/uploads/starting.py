"""What follows a finished upload: its title's run, or at least the next night."""

from dataclasses import dataclass

from nightreel.errors import ConfigurationError
from nightreel.runs.airflow_api import AirflowRefused, AirflowUnavailable
from nightreel.vocabulary.title import Title
from nightreel.web.access import Caller
from nightreel.web.conversions import start_conversion
from nightreel.web.services import Services


@dataclass(frozen=True)
class Start:
    """The started job; if none was started, `reason` says why."""

    run_id: str | None
    reason: str = ""

    @property
    def status_code(self) -> int:
        """The HTTP status: 200, or 202 for an upload that is kept for the night."""
        return 200 if self.run_id else 202

    def message(self, done: str) -> str:
        """`done` says what happened to the upload."""
        if self.run_id:
            return f"{done} Processing started."
        return f"{done} Processing could not be started now; the next night takes it. {self.reason}"


def start_or_leave_to_the_night(services: Services, caller: Caller, title: Title) -> Start:
    """Starts the title's run: what plays soonest is published at once, and a night adds the rest.

    All of it is made at once where the settings want no first releases. No upload may be lost because
    Airflow is away or refuses: its row is in the catalog, and the next night takes it.
    """
    try:
        first = services.settings.first_releases
        return Start(start_conversion(services, caller, title, first=first))
    except (AirflowRefused, AirflowUnavailable, ConfigurationError) as error:
        return Start(None, str(error))
