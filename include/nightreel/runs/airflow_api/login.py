"""A user's login to an Airflow."""

import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus

from nightreel.runs.airflow_api.errors import AirflowRefused


class Login:
    """A user's token, and the password to get the next one.

    Safe to share, so that the clients of all threads log in only once.
    """

    def __init__(self, username: str, password: str, token: str | None = None) -> None:
        self._credentials = {"username": username, "password": password}
        self._token = token
        self._lock = threading.Lock()

    @classmethod
    def by_token(cls, token: str) -> "Login":
        """The login of the token's owner, for as long as the token lasts."""
        return cls("", "", token)

    def token(self, refused: str | None, ask: Callable[[Mapping[str, str]], str]) -> str:
        """A token other than the one that was refused; `ask` exchanges credentials for a token.

        Raises AirflowRefused when a new one is needed and there is no password.
        """
        with self._lock:
            if self._token is None or self._token == refused:
                if not self._credentials["username"]:
                    raise AirflowRefused(
                        "the user's Airflow token is no longer valid", HTTPStatus.UNAUTHORIZED
                    )
                self._token = ask(self._credentials)
            return self._token
