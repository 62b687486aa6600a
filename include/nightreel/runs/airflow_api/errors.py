"""The ways in which Airflow fails to answer, or refuses."""

from nightreel.errors import Permanent, Transient


class AirflowUnavailable(Transient):
    """Airflow's API server did not answer, or answered with a server error."""


class AirflowRefused(Permanent):
    """Airflow understood the request and refused it; the message gives its reason.

    `status` is the response's HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
