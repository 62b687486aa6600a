"""Requests to an Airflow in the name of a login."""

import ssl
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import httpx

from nightreel.errors import ConfigurationError
from nightreel.runs.airflow_api.errors import AirflowRefused, AirflowUnavailable
from nightreel.runs.airflow_api.login import Login

_PAGE = 100
ANSWER_SECONDS = 30.0
_BRIEF_SECONDS = 5.0


class AirflowConnection:
    """HTTP with one Airflow; paths are below its address.

    Every method raises AirflowUnavailable when there is no answer, AirflowRefused when the
    answer is no, ConfigurationError when the user name or password is wrong.
    """

    def __init__(self, url: str, login: Login, patience: float = ANSWER_SECONDS) -> None:
        self._login = login
        # trust_env off: requests to the loopback interface must not go through the machine's proxy.
        local = httpx.URL(url).host in ("127.0.0.1", "localhost")
        self._http = httpx.Client(base_url=url, timeout=patience, trust_env=not local, verify=_certificates())

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def get_openly(self, path: str) -> dict[str, Any]:
        """The response to a request that needs no login."""
        return _content(self._send("GET", path, timeout=_BRIEF_SECONDS))

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON object of an answer. Raises AirflowRefused and AirflowUnavailable."""
        return _content(self._authorised("GET", path, params=query))

    def find(self, path: str, query: Mapping[str, Any]) -> dict[str, Any] | None:
        """As `get`; None if there is no such thing."""
        answer = self._authorised("GET", path, params=query)
        return None if answer.status_code == httpx.codes.NOT_FOUND else _content(answer)

    def pages(
        self, path: str, field: str, query: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The entries of a paged list, under `field` in each page."""
        offset = 0
        while True:
            page = self.get(path, {**(query or {}), "limit": _PAGE, "offset": offset})
            yield from page[field]
            offset += len(page[field])
            if not page[field] or offset >= page["total_entries"]:
                return

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object of an answer. Raises AirflowRefused and AirflowUnavailable."""
        return _content(self._authorised("POST", path, json=body))

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object of an answer. Raises AirflowRefused and AirflowUnavailable."""
        return _content(self._authorised("PATCH", path, json=body))

    def _authorised(self, method: str, path: str, **request: Any) -> httpx.Response:
        token = self._login.token(None, self._ask)
        answer = self._send(method, path, headers=_bearer(token), **request)
        if _wants_another_token(answer):
            # A token lasts a day, or until Airflow's secret changes; a wait may last longer.
            token = self._login.token(token, self._ask)
            answer = self._send(method, path, headers=_bearer(token), **request)
        return answer

    def _ask(self, credentials: Mapping[str, str]) -> str:
        answer = self._send("POST", "/auth/token", json=dict(credentials))
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise ConfigurationError(
                f"Airflow at {self._http.base_url} does not accept this password "
                f"of the user {credentials['username']!r}"
            )
        return str(_content(answer)["access_token"])

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            kind = type(error).__name__
            raise AirflowUnavailable(f"Airflow at {self._http.base_url} does not answer ({kind})") from error
        if answer.is_server_error:
            raise AirflowUnavailable(
                f"Airflow at {self._http.base_url} answered {answer.status_code} to {path}"
            )
        return answer


@cache
def _certificates() -> ssl.SSLContext:
    # Loading them takes tens of milliseconds, and the web app makes a client for every request.
    return httpx.create_ssl_context()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _wants_another_token(answer: httpx.Response) -> bool:
    # Airflow answers 401 to a token that has expired, and 403 to one that it did not sign.
    forged = answer.status_code == httpx.codes.FORBIDDEN and "Invalid JWT token" in answer.text
    return forged or answer.status_code == httpx.codes.UNAUTHORIZED


def _content(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_success:
        try:
            return dict(answer.json())
        except (ValueError, TypeError):
            # A proxy in front of it answers like this, or another program at its address.
            raise AirflowUnavailable(
                f"Airflow at {answer.request.url.copy_with(raw_path=b'/')} answers with something else"
            ) from None
    try:
        reason = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        reason = answer.reason_phrase
    if isinstance(reason, Mapping):
        reason = reason.get("reason") or reason.get("message") or reason
    request = answer.request
    raise AirflowRefused(f"Airflow refused {request.method} {request.url.path}: {reason}", answer.status_code)
