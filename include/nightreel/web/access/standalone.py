"""Callers of the app when it stands alone: API keys, and sessions opened with one."""

from functools import partial
from hashlib import sha256
from urllib.parse import urlencode

from fastapi import Request
from pydantic import SecretStr
from starlette.concurrency import run_in_threadpool

from nightreel.catalog import ApiKey, Catalog
from nightreel.web.access.callers import SAFE_METHODS, SCOPES, Caller
from nightreel.web.access.sessions import COOKIE, session_key_id
from nightreel.web.shared_looks import SharedLooks

_BEARER = "bearer "
_READ_ON_SECONDS = 5.0


class StandaloneAccess:
    """Knows a caller by an API key (`ApiKey: …` or `Authorization: Bearer …`), else by a session.

    A header decides alone: a wrong key beside a good session is no proof.

    The catalog is asked before anything is changed. Who reads is remembered for `read_on_seconds`,
    for as long as a key that was revoked may read on: many poll, and asking costs more than answering.
    """

    def __init__(
        self,
        catalog: Catalog,
        token_secret: SecretStr,
        sign_in_page: str | None = "/sign-in",
        read_on_seconds: float = _READ_ON_SECONDS,
    ) -> None:
        self.sign_in_page = sign_in_page
        self._keys = catalog.api_keys
        self._token_secret = token_secret
        self._remembered: SharedLooks[ApiKey | None] = SharedLooks(
            lambda key: read_on_seconds if key else 0.0
        )

    def sign_in_url(self, request: Request, back: str) -> str:
        return f"{request.scope.get('root_path', '')}{self.sign_in_page}?{urlencode({'next': back})}"

    async def identify(self, request: Request) -> Caller | None:
        """The key's owner. Raises CatalogUnavailable; ConfigurationError without a token secret."""
        given = _key_given(request)
        if given is not None:
            # The key itself is kept nowhere.
            name, look = f"key {sha256(given.encode()).hexdigest()}", partial(self._keys.find, given)
        else:
            session = request.cookies.get(COOKIE)
            key_id = session_key_id(self._token_secret, session) if session else None
            if key_id is None:
                return None
            name, look = f"session {key_id}", partial(self._keys.in_force, key_id)
        reads = request.method in SAFE_METHODS
        key = await (self._remembered.see(name, look) if reads else run_in_threadpool(look))
        return _caller(key, by_cookie=given is None) if key else None


def _key_given(request: Request) -> str | None:
    key = request.headers.get("ApiKey")
    if key is not None:
        return key.strip()
    authorization = request.headers.get("Authorization")
    if authorization is None or not authorization.lower().startswith(_BEARER):
        return None
    return authorization[len(_BEARER) :].strip()


def _caller(key: ApiKey, *, by_cookie: bool) -> Caller:
    return Caller(
        name=key.name, scopes=frozenset(each for each in SCOPES if each in key.scopes), by_cookie=by_cookie
    )
