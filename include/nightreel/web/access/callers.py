"""Callers and their scopes. Where the app runs decides how they are identified."""

from dataclasses import dataclass, field
from typing import Protocol

from fastapi import Request

from nightreel.vocabulary.scopes import Scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""


@dataclass(frozen=True)
class Caller:
    """Who a request comes from, and what they may do."""

    name: str
    scopes: frozenset[Scope]
    by_cookie: bool = False
    """Identified by a cookie, which a browser also sends when a page of another origin makes the request."""
    airflow_token: str | None = field(default=None, repr=False)
    """The caller's own token for Airflow's API; None if the app calls it in its own name."""
    identity: str = ""
    """Distinguishes callers with the same name: the id of a key, or of an Airflow user."""

    @property
    def owner(self) -> str:
        """The owner of the uploads that this caller announces."""
        return self.identity or self.name


class Access(Protocol):
    """How the app knows its callers."""

    @property
    def sign_in_page(self) -> str | None:
        """The path of the app's own sign-in page; None if Airflow has one."""

    def sign_in_url(self, request: Request, back: str) -> str:
        """Where a browser without a sign-in is sent; from there it returns to `back`.

        `back` is a path below the app, with its query.
        """

    async def identify(self, request: Request) -> Caller | None:
        """The caller; None if the request has no proof, or a wrong one."""
