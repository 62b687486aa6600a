"""Callers and their scopes. Where the app runs decides how they are identified."""

from dataclasses import dataclass, field
from typing import Protocol

from fastapi import Request

from nightreel.vocabulary.scopes import Scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Those that change nothing (RFC 9110, 9.2.1)."""


@dataclass(frozen=True)
class Caller:
    """Who a request comes from, and what that caller may do."""

    name: str
    scopes: frozenset[Scope]
    by_cookie: bool = False
    """Known by what a browser sends of itself, also when a page of another origin asks it to."""
    airflow_token: str | None = field(default=None, repr=False)
    """The caller's own token of Airflow's API; None where the app calls it in its own name."""
    identity: str = ""
    """Tells callers of one name apart: the id of a key, or of a user of Airflow."""

    @property
    def owner(self) -> str:
        """The owner of the uploads that this caller announces."""
        return self.identity or self.name


class Access(Protocol):
    """How the app knows its callers."""

    @property
    def sign_in_page(self) -> str | None:
        """The path, below the app, of its own page for signing in; None where Airflow has one."""

    def sign_in_url(self, request: Request, back: str) -> str:
        """Where a browser that is not signed in is sent; it returns to `back`.

        `back` is a path below the app, with its query.
        """

    async def identify(self, request: Request) -> Caller | None:
        """The caller; None when the request carries no proof, or a wrong one."""
