"""Callers of the app when it stands alone: API keys, and sessions opened with one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from pydantic import SecretStr
from starlette.concurrency import run_in_threadpool

from nightreel.catalog import ApiKey, Catalog
from nightreel.web.access.callers import SCOPES, Caller
from nightreel.web.access.sessions import COOKIE, session_key_id

_BEARER = "bearer "


@dataclass(frozen=True)
class StandaloneAccess:
    """Knows a caller by an API key (`ApiKey: …` or `Authorization: Bearer …`), else by a session.

    A header decides alone: a wrong key beside a good session is no proof.
    """

    catalog: Catalog
    token_secret: SecretStr
    sign_in_page: str | None = "/sign-in"

    def sign_in_url(self, request: Request, back: str) -> str:
        return f"{request.scope.get('root_path', '')}{self.sign_in_page}?{urlencode({'next': back})}"

    async def identify(self, request: Request) -> Caller | None:
        """The key's owner. Raises CatalogUnavailable; ConfigurationError without a token secret."""
        return await run_in_threadpool(self._identify, request)

    def _identify(self, request: Request) -> Caller | None:
        given = _key_given(request)
        if given is not None:
            key = self.catalog.api_keys.find(given)
            return _caller(key) if key else None
        session = request.cookies.get(COOKIE)
        key_id = session_key_id(self.token_secret, session) if session else None
        key = self.catalog.api_keys.in_force(key_id) if key_id else None
        return _caller(key, by_cookie=True) if key else None


def _key_given(request: Request) -> str | None:
    key = request.headers.get("ApiKey")
    if key is not None:
        return key.strip()
    authorization = request.headers.get("Authorization")
    if authorization is None or not authorization.lower().startswith(_BEARER):
        return None
    return authorization[len(_BEARER) :].strip()


def _caller(key: ApiKey, *, by_cookie: bool = False) -> Caller:
    return Caller(
        name=key.name, scopes=frozenset(each for each in SCOPES if each in key.scopes), by_cookie=by_cookie
    )
